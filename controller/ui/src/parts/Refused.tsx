import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Refusal } from "../api/client";

interface RefusedProps {
  /** What a request failed with; nothing is shown for null. */
  error: unknown;
}

/** Why the controller did not do what was asked, in its own sentence. */
export function Refused({ error }: RefusedProps) {
  const { t } = useTranslation();
  if (error === null || error === undefined) return null;
  const known = error instanceof Refusal;
  return (
    <Alert
      role="alert"
      variant="outline"
      color="red"
      icon={<IconAlertTriangle aria-hidden="true" />}
    >
      {known ? error.message : t("errors.unreachable")}
    </Alert>
  );
}
