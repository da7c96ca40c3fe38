import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";
import { useMay } from "../../app/session";
import { Refused } from "../../parts/Refused";
import { TimeText } from "../../parts/TimeText";
import classes from "./emergency.module.css";
import { type Emergency, useCancel } from "./queries";

/** An emergency in force: how far the order came, and the way to end it. */
export function Running({ emergency }: { emergency: Emergency }) {
  const { t } = useTranslation();
  const may = useMay();
  const cancel = useCancel();
  const { title, terminals, acknowledged, sounded } = emergency;

  function ask() {
    modals.openConfirmModal({
      title: t("emergency.cancelling.title"),
      children: <Text fw={600}>{t("emergency.cancelling.sentence", { title, terminals })}</Text>,
      labels: { confirm: t("emergency.cancelling.act"), cancel: t("general.cancel") },
      confirmProps: { color: "ink" },
      onConfirm: () =>
        cancel.mutate(emergency.id, {
          onSuccess: () => notifications.show({ message: t("emergency.cancelling.done") }),
        }),
    });
  }

  return (
    <Paper withBorder p="md" component="article" className={classes.running}>
      <Stack gap="xs">
        <Text fw={600} size="lg">
          {title}
        </Text>
        <Text>{t("emergency.progress", { acknowledged, sounded, terminals })}</Text>
        <Text>
          {t("emergency.since")} <TimeText at={emergency.issued_at} /> · {t("emergency.until")}{" "}
          <TimeText at={emergency.expires_at} />
        </Text>
        <Refused error={cancel.error} />
        {may("stop") && (
          <Group>
            <Button color="ink" loading={cancel.isPending} onClick={ask}>
              {t("emergency.cancel")}
            </Button>
          </Group>
        )}
      </Stack>
    </Paper>
  );
}
