import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { IconCheck, IconEar } from "@tabler/icons-react";
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
import { ReasonDialog } from "./ReasonDialog";

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
    if (heard) approveIt();
    else
      modals.openConfirmModal({
        title: t("announcements.unheard.title"),
        children: (
          <Stack gap="xs">
            <Text>{t("announcements.unheard.text", { title: announcement.title })}</Text>
            <Text fw={600}>{announcement.sentence}</Text>
          </Stack>
        ),
        labels: {
          confirm: t("announcements.unheard.act"),
          cancel: t("announcements.unheard.listen"),
        },
        onConfirm: approveIt,
      });
  }

  function approveIt() {
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
      confirmProps: { color: "ink" },
      onConfirm: () => remove.mutate(id, { onSuccess: () => void navigate("/ban-tin") }),
    });
  }

  return (
    <Paper withBorder p="md" component="section" aria-label={t("announcements.actions")}>
      <Stack gap="sm">
        <Refused error={approve.error ?? submit.error ?? remove.error} />
        {may("approve") && (
          <>
            {!heard && (
              <Text className={classes.listen}>
                <IconEar size={22} aria-hidden="true" /> {t("announcements.listen_first")}
              </Text>
            )}
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
            <Button variant="default" h={48} onClick={withdrawDialog.open}>
              {t("announcements.withdraw.open")}
            </Button>
          )}
          {may("release") && (
            <Button color="emergency" h={48} component={Link} to="/khan-cap">
              {t("announcements.release")}
            </Button>
          )}
          {may("delete") && (
            <Button variant="subtle" color="gray" c="bright" h={48} onClick={askToDelete}>
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
        error={giveBack.error}
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
        error={withdraw.error}
        onClose={withdrawDialog.close}
        onGiven={(reason) => withdraw.mutate({ id, reason }, { onSuccess: withdrawDialog.close })}
      />
    </Paper>
  );
}
