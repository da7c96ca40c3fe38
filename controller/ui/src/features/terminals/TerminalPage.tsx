import { Anchor, Group, SimpleGrid, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { useMay } from "../../app/session";
import { Refused } from "../../parts/Refused";
import { StatusBadge } from "../../parts/StatusBadge";
import { Captures } from "./Captures";
import { EditTerminal } from "./EditTerminal";
import { type Terminal, useTerminal } from "./queries";
import { Retire } from "./Retire";
import { TerminalFacts } from "./TerminalFacts";
import { TerminalNow } from "./TerminalNow";
import { TestSound } from "./TestSound";
import classes from "./terminals.module.css";
import { Volume } from "./Volume";

/** Everything about one loudspeaker, and what can be done with it. */
export default function TerminalPage() {
  const { t } = useTranslation();
  const { terminalId = "" } = useParams();
  const terminal = useTerminal(terminalId);
  return (
    <Stack gap="lg">
      <Anchor component={Link} to="/loa" className={classes.tall}>
        <Group gap={6}>
          <IconArrowLeft size={20} aria-hidden="true" />
          {t("terminals.back")}
        </Group>
      </Anchor>
      <Refused error={terminal.error} />
      {terminal.isPending && <Skeleton height={320} aria-label={t("terminals.loading")} />}
      {terminal.data !== undefined && <Shown terminal={terminal.data} />}
    </Stack>
  );
}

function Shown({ terminal }: { terminal: Terminal }) {
  const may = useMay();
  const inService = terminal.retired_at === null;
  return (
    <Stack gap="lg">
      <Stack gap={4}>
        <Group gap="md">
          <Title order={1} size="h2">
            {terminal.name}
          </Title>
          <StatusBadge health={terminal.health} at={terminal.reported_at} />
        </Group>
        <Text c="dimmed">{terminal.area_name}</Text>
      </Stack>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Stack gap="lg">
          <TerminalNow terminal={terminal} />
          {inService && may("stop") && <TestSound terminal={terminal} />}
          {terminal.captures && <Captures terminal={terminal} />}
        </Stack>
        <Stack gap="lg">
          <TerminalFacts terminal={terminal} />
          {inService && may("manage_terminals") && (
            <>
              <Volume key={terminal.volume} terminal={terminal} />
              <EditTerminal key={`${terminal.name} ${terminal.area_id}`} terminal={terminal} />
              <Retire terminal={terminal} />
            </>
          )}
        </Stack>
      </SimpleGrid>
    </Stack>
  );
}
