import {
  Alert,
  Button,
  Code,
  Group,
  Paper,
  Select,
  Skeleton,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { modals } from "@mantine/modals";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Copy } from "../../parts/Copy";
import { Refused } from "../../parts/Refused";
import { Section } from "../../parts/Section";
import { TimeText } from "../../parts/TimeText";
import classes from "./administration.module.css";
import { type Token, useCreateToken, useRevokeToken, useTokens } from "./queries";

const DAYS = [30, 90, 180, 366] as const;

/** Keys for programs that speak to this system in the reader's name. */
export default function TokensPage() {
  const { t } = useTranslation();
  const tokens = useTokens();
  return (
    <Stack gap="lg">
      <NewToken />
      <Section title={t("administration.tokens.mine")}>
        <Refused error={tokens.error} />
        {tokens.isPending && <Skeleton height={96} />}
        {tokens.data?.length === 0 && <Text c="dimmed">{t("administration.tokens.none")}</Text>}
        <Stack component="ul" gap="sm" className={classes.plain}>
          {tokens.data?.map((token) => (
            <TokenCard key={token.id} token={token} />
          ))}
        </Stack>
      </Section>
    </Stack>
  );
}

function NewToken() {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [days, setDays] = useState<number>(90);
  const create = useCreateToken();
  if (create.data !== undefined)
    return (
      <Section title={t("administration.tokens.made", { name: create.data.token.name })}>
        <Alert color="yellow">{t("administration.tokens.once")}</Alert>
        <Code block className={classes.secret}>
          {create.data.secret}
        </Code>
        <Group>
          <Copy text={create.data.secret} label={t("administration.tokens.copy")} />
          <Button onClick={() => create.reset()}>{t("administration.link.done")}</Button>
        </Group>
      </Section>
    );
  return (
    <Section title={t("administration.tokens.new")}>
      <Text c="dimmed">{t("administration.tokens.hint")}</Text>
      <TextInput
        label={t("administration.tokens.name")}
        placeholder={t("administration.tokens.name_example")}
        value={name}
        maxLength={200}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Select
        label={t("administration.tokens.days")}
        data={DAYS.map((number) => ({
          value: String(number),
          label: t("administration.tokens.days_number", { number }),
        }))}
        value={String(days)}
        onChange={(value) => setDays(Number(value))}
        allowDeselect={false}
      />
      <Refused error={create.error} />
      <Group>
        <Button
          disabled={name.trim() === ""}
          loading={create.isPending}
          onClick={() =>
            create.mutate({ name: name.trim(), days }, { onSuccess: () => setName("") })
          }
        >
          {t("administration.tokens.press")}
        </Button>
      </Group>
    </Section>
  );
}

function TokenCard({ token }: { token: Token }) {
  const { t } = useTranslation();
  const revoke = useRevokeToken();
  const ask = () =>
    modals.openConfirmModal({
      title: t("administration.tokens.ask", { name: token.name }),
      children: <Text>{t("administration.tokens.consequence")}</Text>,
      labels: {
        confirm: t("administration.tokens.revoke"),
        cancel: t("administration.press.not_now"),
      },
      confirmProps: { color: "red" },
      onConfirm: () => revoke.mutate(token.id),
    });
  return (
    <Paper component="li" withBorder p="sm">
      <Group justify="space-between">
        <Stack gap={2}>
          <Text fw={600}>{token.name}</Text>
          <Text>
            {t("administration.tokens.until")} <TimeText at={token.expires_at} />
          </Text>
          <Text c="dimmed">
            {token.last_used_at === null ? (
              t("administration.tokens.unused")
            ) : (
              <>
                {t("administration.tokens.used")} <TimeText at={token.last_used_at} />
              </>
            )}
          </Text>
          <Refused error={revoke.error} />
        </Stack>
        <Button variant="default" loading={revoke.isPending} onClick={ask}>
          {t("administration.tokens.revoke")}
        </Button>
      </Group>
    </Paper>
  );
}
