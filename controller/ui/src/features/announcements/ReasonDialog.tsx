import { Button, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../../parts/Refused";

interface ReasonDialogProps {
  opened: boolean;
  title: string;
  sentence: string;
  act: string;
  pending: boolean;
  error: unknown;
  onClose: () => void;
  onGiven: (reason: string) => void;
}

/** Asks why, says what follows, and does it. */
export function ReasonDialog(props: ReasonDialogProps) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      closeButtonProps={{ "aria-label": t("general.close"), size: 48 }}
    >
      <Stack>
        <Text>{props.sentence}</Text>
        <Textarea
          label={t("announcements.why")}
          autosize
          minRows={3}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
        <Refused error={props.error} />
        <Button
          loading={props.pending}
          disabled={reason.trim() === ""}
          onClick={() => props.onGiven(reason.trim())}
        >
          {props.act}
        </Button>
      </Stack>
    </Modal>
  );
}
