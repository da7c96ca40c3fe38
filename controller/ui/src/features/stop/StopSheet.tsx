import { Button, Drawer, Select, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPlayerStopFilled } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../app/session";
import { indented, useAreas } from "../../parts/areas";
import { Refused } from "../../parts/Refused";
import { useStop } from "./queries";

const HOLDS = [0, 10, 60, 1440] as const;

/** Silences an area at once; one sentence says what will happen before the one button. */
export default function StopSheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { account } = useSession();
  const areas = useAreas();
  const [area, setArea] = useState(account.area_id);
  const [hold, setHold] = useState<number>(10);
  const stop = useStop();
  const chosen = areas.data?.find(({ id }) => id === area);

  function act() {
    stop.mutate(
      { area_id: area, hold_minutes: hold },
      {
        onSuccess: () => {
          notifications.show({ message: t("stop.sent") });
          onClose();
        },
      },
    );
  }

  return (
    <Drawer
      opened
      onClose={onClose}
      position="bottom"
      styles={{ content: { height: "auto", borderRadius: "16px 16px 0 0" } }}
      title={t("stop.title")}
      closeButtonProps={{ "aria-label": t("general.close"), size: 48 }}
    >
      <Stack maw={640} mx="auto" pb="md">
        <Select
          label={t("stop.where")}
          data={indented(areas.data ?? [])}
          value={area}
          onChange={(value) => value && setArea(value)}
          allowDeselect={false}
          searchable
        />
        <Select
          label={t("stop.hold")}
          data={HOLDS.map((minutes) => ({
            value: String(minutes),
            label: t(`stop.hold_for.${minutes}`),
          }))}
          value={String(hold)}
          onChange={(value) => setHold(Number(value))}
          allowDeselect={false}
        />
        <Text fw={600}>
          {t(hold === 0 ? "stop.sentence_once" : "stop.sentence", {
            count: chosen?.terminals ?? 0,
            area: chosen?.name ?? account.area_name,
            hold: t(`stop.hold_for.${hold}`).toLowerCase(),
          })}
        </Text>
        <Text>{t("stop.emergency_goes_on")}</Text>
        <Refused error={stop.error} />
        <Button
          size="lg"
          color="ink"
          h={56}
          leftSection={<IconPlayerStopFilled aria-hidden="true" />}
          loading={stop.isPending}
          onClick={act}
        >
          {t("stop.act")}
        </Button>
      </Stack>
    </Drawer>
  );
}
