import { Button, CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

/** Copies a text that is shown once. */
export function Copy({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation();
  return (
    <CopyButton value={text} timeout={4000}>
      {({ copied, copy }) => (
        <Button
          variant="default"
          onClick={copy}
          leftSection={
            copied ? (
              <IconCheck size={20} aria-hidden="true" />
            ) : (
              <IconCopy size={20} aria-hidden="true" />
            )
          }
        >
          <span aria-live="polite">{copied ? t("status.copied") : label}</span>
        </Button>
      )}
    </CopyButton>
  );
}
