import { Alert, Button, Code, Group, Modal, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Copy } from "../../parts/Copy";
import { TimeText } from "../../parts/TimeText";
import classes from "./administration.module.css";
import type { Link } from "./queries";

interface LinkShownProps {
  link: Link | null;
  onClose: () => void;
}

/** The one-time link of an account: shown once, copied, handed over. */
export function LinkShown({ link, onClose }: LinkShownProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={link !== null}
      onClose={onClose}
      closeOnClickOutside={false}
      size="lg"
      title={t("administration.link.title", { name: link?.account.display_name ?? "" })}
      closeButtonProps={{ "aria-label": t("administration.link.done") }}
    >
      {link !== null && (
        <Stack>
          <Text>{t("administration.link.hand_over", { username: link.account.username })}</Text>
          <Code block className={classes.secret}>
            {link.link}
          </Code>
          <Copy text={link.link} label={t("administration.link.copy")} />
          <Alert color="yellow">
            {t("administration.link.once")} <TimeText at={link.expires_at} />.
          </Alert>
          <Group justify="flex-end">
            <Button onClick={onClose}>{t("administration.link.done")}</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
