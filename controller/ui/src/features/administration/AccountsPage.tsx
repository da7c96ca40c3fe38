import { Button, Group, Skeleton, Stack, TextInput } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { folded } from "../../parts/folded";
import { Refused } from "../../parts/Refused";
import { AccountCard } from "./AccountCard";
import classes from "./administration.module.css";
import { LinkShown } from "./LinkShown";
import { NewAccount } from "./NewAccount";
import { type Link, useAccounts } from "./queries";

/** People who may use the system, and what can be done with their accounts. */
export default function AccountsPage() {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const [link, setLink] = useState<Link | null>(null);
  const [search, setSearch] = useState("");
  const accounts = useAccounts();
  const wanted = folded(search.trim());
  const shown = (accounts.data ?? []).filter((account) =>
    folded(`${account.display_name} ${account.username} ${account.area_name}`).includes(wanted),
  );
  return (
    <Stack>
      <Group justify="space-between">
        <TextInput
          type="search"
          aria-label={t("administration.accounts.search")}
          placeholder={t("administration.accounts.search")}
          leftSection={<IconSearch size={20} aria-hidden="true" />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Button
          leftSection={<IconPlus size={20} aria-hidden="true" />}
          onClick={() => setAdding(true)}
        >
          {t("administration.accounts.add")}
        </Button>
      </Group>
      <Refused error={accounts.error} />
      {accounts.isPending && <Skeleton height={240} aria-label={t("administration.loading")} />}
      <Stack component="ul" gap="sm" className={classes.plain}>
        {shown.map((account) => (
          <AccountCard key={account.id} account={account} onLink={setLink} />
        ))}
      </Stack>
      <NewAccount
        opened={adding}
        onClose={() => setAdding(false)}
        onMade={(made) => {
          setAdding(false);
          setLink(made);
        }}
      />
      <LinkShown link={link} onClose={() => setLink(null)} />
    </Stack>
  );
}
