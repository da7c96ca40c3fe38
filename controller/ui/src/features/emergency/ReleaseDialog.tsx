import { Button, Modal, NumberInput, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertHexagonFilled } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../../parts/Refused";
import type { Announcement } from "../announcements/queries";
import { useRelease } from "./queries";

interface ReleaseDialogProps {
  announcement: Announcement;
  onClose: () => void;
}

const LIMITS = {
  repeats: { begin: 3, min: 1, max: 100 },
  gap: { begin: 10, min: 1, max: 3600 },
  expires: { begin: 60, min: 1, max: 720 },
} as const;
type Field = keyof typeof LIMITS;
const FIELDS: readonly Field[] = ["repeats", "gap", "expires"];

/** The last question before an emergency sounds: what will happen, in one sentence. */
export function ReleaseDialog({ announcement, onClose }: ReleaseDialogProps) {
  const { t } = useTranslation();
  const release = useRelease();
  const [values, setValues] = useState<Record<Field, number>>({
    repeats: LIMITS.repeats.begin,
    gap: LIMITS.gap.begin,
    expires: LIMITS.expires.begin,
  });
  const { id, hash, title, delivery } = announcement;

  function act() {
    if (hash === null || release.isPending) return;
    release.mutate(
      {
        id,
        hash,
        repeats: values.repeats,
        gap_seconds: values.gap,
        expires_minutes: values.expires,
      },
      {
        onSuccess: () => {
          onClose();
          notifications.show({ color: "emergency", message: t("emergency.released") });
        },
      },
    );
  }

  return (
    <Modal
      opened
      onClose={onClose}
      title={t("emergency.confirm")}
      closeButtonProps={{ "aria-label": t("general.close"), size: 48 }}
    >
      <Stack>
        <Text fw={600} size="lg">
          {t("emergency.sentence", {
            title,
            terminals: delivery.terminals,
            repeats: values.repeats,
          })}
        </Text>
        <Refused error={release.error} />
        <Button
          size="lg"
          h={64}
          color="emergency"
          loading={release.isPending}
          leftSection={<IconAlertHexagonFilled aria-hidden="true" />}
          onClick={act}
        >
          {t("emergency.act")}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t("general.cancel")}
        </Button>
        <details>
          <Text component="summary" py="sm">
            {t("emergency.more")}
          </Text>
          <Stack gap="sm">
            {FIELDS.map((field) => (
              <NumberInput
                key={field}
                label={t(`emergency.${field}`)}
                min={LIMITS[field].min}
                max={LIMITS[field].max}
                clampBehavior="strict"
                allowDecimal={false}
                value={values[field]}
                onChange={(value) =>
                  setValues({ ...values, [field]: Number(value) || LIMITS[field].begin })
                }
              />
            ))}
          </Stack>
        </details>
      </Stack>
    </Modal>
  );
}
