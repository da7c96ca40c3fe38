import { Badge, Group, Paper, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Age } from "../../parts/Age";
import { AccountActions } from "./AccountActions";
import type { Account, Link } from "./queries";

interface AccountCardProps {
  account: Account;
  onLink: (link: Link) => void;
}

/** One person: name, role, place, and whether they can get in. */
export function AccountCard({ account, onLink }: AccountCardProps) {
  const { t } = useTranslation();
  return (
    <Paper component="li" withBorder p="md">
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <Stack gap={4}>
          <Group gap="xs">
            <Text fw={600} fz="lg">
              {account.display_name}
            </Text>
            <Text c="dimmed">{account.username}</Text>
          </Group>
          <Text>
            {t(`administration.role.${account.role}`)} · {account.area_name}
          </Text>
          <Group gap="xs">
            {account.may_release_emergency && (
              <Badge variant="outline" color="red">
                {t("administration.accounts.emergency")}
              </Badge>
            )}
            {account.disabled && (
              <Badge variant="filled" color="dark">
                {t("administration.accounts.disabled")}
              </Badge>
            )}
            {!account.password_set && !account.disabled && (
              <Badge variant="outline" color="gray">
                {t("administration.accounts.waiting")}
              </Badge>
            )}
          </Group>
          <Text c="dimmed">
            {account.last_seen_at === null ? (
              t("administration.accounts.never_seen")
            ) : (
              <>
                {t("administration.accounts.seen")} <Age at={account.last_seen_at} />
              </>
            )}
          </Text>
        </Stack>
        <AccountActions account={account} onLink={onLink} />
      </Group>
    </Paper>
  );
}
