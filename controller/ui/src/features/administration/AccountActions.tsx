import { ActionIcon, Menu, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import {
  IconAlertHexagon,
  IconDots,
  IconKey,
  IconLogout,
  IconUserCheck,
  IconUserOff,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../app/session";
import {
  type Account,
  type Link,
  useChangeAccount,
  useResetLink,
  useSetDisabled,
  useSignOutEverywhere,
} from "./queries";

interface AccountActionsProps {
  account: Account;
  onLink: (link: Link) => void;
}

/** What an administrator can do with an account; each act says first what it means. */
export function AccountActions({ account, onLink }: AccountActionsProps) {
  const { t } = useTranslation();
  const own = useSession().account.id === account.id;
  const reset = useResetLink();
  const signOut = useSignOutEverywhere();
  const setDisabled = useSetDisabled();
  const change = useChangeAccount(account.id);
  const name = account.display_name;

  const failed = {
    onError: (error: Error) => notifications.show({ color: "red", message: error.message }),
  };
  const done = {
    ...failed,
    onSuccess: () => notifications.show({ message: t("administration.saved") }),
  };
  const ask = (act: string, onConfirm: () => void) => () =>
    modals.openConfirmModal({
      title: t(`administration.ask.${act}`, { name }),
      children: <Text>{t(`administration.meaning.${act}`, { name })}</Text>,
      labels: {
        confirm: t(`administration.press.${act}`),
        cancel: t("administration.press.not_now"),
      },
      onConfirm,
    });
  const releases = account.may_release_emergency;
  const setReleases = () => change.mutate({ may_release_emergency: !releases }, done);

  return (
    <Menu position="bottom-end" width={340} withinPortal={false}>
      <Menu.Target>
        <ActionIcon aria-label={t("administration.accounts.actions", { name })}>
          <IconDots size={24} aria-hidden="true" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconKey size={20} aria-hidden="true" />}
          onClick={ask("reset", () =>
            reset.mutate(account.id, { ...failed, onSuccess: (link) => onLink(link) }),
          )}
        >
          {t("administration.press.reset")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLogout size={20} aria-hidden="true" />}
          onClick={ask("sign_out", () => signOut.mutate(account.id, done))}
        >
          {t("administration.press.sign_out")}
        </Menu.Item>
        {account.role === "approver" && (
          <Menu.Item
            leftSection={<IconAlertHexagon size={20} aria-hidden="true" />}
            onClick={ask(releases ? "no_emergency" : "emergency", setReleases)}
          >
            {t(`administration.press.${releases ? "no_emergency" : "emergency"}`)}
          </Menu.Item>
        )}
        {!own && account.disabled && (
          <Menu.Item
            leftSection={<IconUserCheck size={20} aria-hidden="true" />}
            onClick={ask("enable", () =>
              setDisabled.mutate({ id: account.id, disabled: false }, done),
            )}
          >
            {t("administration.press.enable")}
          </Menu.Item>
        )}
        {!own && !account.disabled && (
          <Menu.Item
            leftSection={<IconUserOff size={20} aria-hidden="true" />}
            onClick={ask("disable", () =>
              setDisabled.mutate({ id: account.id, disabled: true }, done),
            )}
          >
            {t("administration.press.disable")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
