import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconCloudCheck, IconCloudOff, IconCloudUp } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Refused } from "../../parts/Refused";
import classes from "./compose.module.css";
import type { Draft, DraftState } from "./draft";

/** Whether what is written is safe, and where. */
export function SaveState({ draft, state }: { draft: Draft; state: DraftState }) {
  const { t } = useTranslation();
  if (state.phase === "conflict")
    return (
      <Alert
        variant="outline"
        color="orange"
        icon={<IconAlertTriangle aria-hidden="true" />}
        title={t("compose.conflict.title")}
      >
        <Text>{t("compose.conflict.text")}</Text>
        <Group mt="sm">
          <Button variant="default" onClick={() => draft.resolve(false)}>
            {t("compose.conflict.theirs")}
          </Button>
          <Button variant="default" onClick={() => draft.resolve(true)}>
            {t("compose.conflict.mine")}
          </Button>
        </Group>
      </Alert>
    );
  if (state.phase === "refused") return <Refused error={state.error} />;
  const kept = state.id !== null || state.phase !== "saved";
  if (!kept) return null;
  const Icon =
    state.phase === "saved"
      ? IconCloudCheck
      : state.phase === "unsaved"
        ? IconCloudOff
        : IconCloudUp;
  return (
    <Text className={classes.saved} role="status">
      <Icon size={20} aria-hidden="true" />
      {t(`compose.saved.${state.phase}`)}
    </Text>
  );
}
