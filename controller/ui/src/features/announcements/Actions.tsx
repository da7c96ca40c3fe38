import { Button, Group, Modal, Paper, Stack, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { IconCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { Refused } from "../../parts/Refused";
import classes from "./announcements.module.css";
import {
  type Announcement,
  useApprove,
  useDelete,
  useReturn,
  useSubmit,
  useWithdraw,
} from "./queries";

interface ActionsProps {
  announcement: Announcement;
  /** The whole recording was played on this page. */
  heard: boolean;
}

/** What the reader may do now; each button says what it does. */
export function Actions({ announcement, heard }: ActionsProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const submit = useSubmit();
  const approve = useApprove();
  const giveBack = useReturn();
  const withdraw = useWithdraw();
  const remove = useDelete();
  const [returning, returnDialog] = useDisclosure();
  const [withdrawing, withdrawDialog] = useDisclosure();
  const { id, revision, hash } = announcement;
  const may = (action: string) => announcement.may.includes(action);
  if (announcement.may.length === 0) return null;

  function decide() {
    if (!hash) return;
    approve.mutate(
      { id, revision, hash },
      { onSuccess: () => notifications.show({ message: t("announcements.approved") }) },
    );
  }

  function askToDelete() {
    modals.openConfirmModal({
      title: t("announcements.delete.title"),
      children: <Text>{t("announcements.delete.sentence", { title: announcement.title })}</Text>,
      labels: { confirm: t("announcements.delete.act"), cancel: t("general.cancel") },
      confirmProps: { color: "red" },
      onConfirm: () => remove.mutate(id, { onSuccess: () => void navigate("/ban-tin") }),
    });
  }

  return (
    <Paper withBorder p="md" className={classes.actions}>
      <Stack gap="sm">
        <Refused
          error={approve.error ?? submit.error ?? giveBack.error ?? withdraw.error ?? remove.error}
        />
        {may("approve") && (
          <>
            {!heard && <Text>{t("announcements.listen_first")}</Text>}
            <Button
              size="lg"
              h={56}
              leftSection={<IconCheck aria-hidden="true" />}
              loading={approve.isPending}
              onClick={decide}
            >
              {t("announcements.approve")}
            </Button>
          </>
        )}
        <Group gap="xs">
          {may("return") && (
            <Button variant="default" h={48} onClick={returnDialog.open}>
              {t("announcements.return.open")}
            </Button>
          )}
          {may("submit") && (
            <Button
              h={48}
              loading={submit.isPending}
              onClick={() => submit.mutate({ id, revision })}
            >
              {t("compose.send.act")}
            </Button>
          )}
          {may("edit") && (
            <Button variant="default" h={48} component={Link} to={`/soan/${id}`}>
              {t("announcements.edit")}
            </Button>
          )}
          {may("withdraw") && (
            <Button variant="default" h={48} c="red" onClick={withdrawDialog.open}>
              {t("announcements.withdraw.open")}
            </Button>
          )}
          {may("release") && (
            <Button color="red" h={48} component={Link} to="/khan-cap">
              {t("announcements.release")}
            </Button>
          )}
          {may("delete") && (
            <Button variant="subtle" color="red" h={48} onClick={askToDelete}>
              {t("announcements.delete.open")}
            </Button>
          )}
        </Group>
      </Stack>
      <ReasonDialog
        opened={returning}
        title={t("announcements.return.title")}
        sentence={t("announcements.return.sentence")}
        act={t("announcements.return.act")}
        pending={giveBack.isPending}
        onClose={returnDialog.close}
        onGiven={(reason) =>
          giveBack.mutate({ id, revision, reason }, { onSuccess: returnDialog.close })
        }
      />
      <ReasonDialog
        opened={withdrawing}
        title={t("announcements.withdraw.title")}
        sentence={t("announcements.withdraw.sentence")}
        act={t("announcements.withdraw.act")}
        pending={withdraw.isPending}
        onClose={withdrawDialog.close}
        onGiven={(reason) => withdraw.mutate({ id, reason }, { onSuccess: withdrawDialog.close })}
      />
    </Paper>
  );
}

interface ReasonDialogProps {
  opened: boolean;
  title: string;
  sentence: string;
  act: string;
  pending: boolean;
  onClose: () => void;
  onGiven: (reason: string) => void;
}

function ReasonDialog(props: ReasonDialogProps) {
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
        <Button
          h={48}
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
