import { Anchor, Paper, Stack, Table, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { StatusBadge } from "../../parts/StatusBadge";
import { DoingText } from "./DoingText";
import type { Terminal } from "./queries";
import classes from "./terminals.module.css";

interface TerminalTableProps {
  terminals: readonly Terminal[];
}

/** Loudspeakers as a table where there is room, as cards on a phone. */
export function TerminalTable({ terminals }: TerminalTableProps) {
  const wide = useMediaQuery("(min-width: 62em)", true, { getInitialValueInEffect: false });
  return wide ? <WideTable terminals={terminals} /> : <Cards terminals={terminals} />;
}

function WideTable({ terminals }: TerminalTableProps) {
  const { t } = useTranslation();
  return (
    <Table stickyHeader verticalSpacing="sm" highlightOnHover tabularNums fz="md">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("terminals.column.name")}</Table.Th>
          <Table.Th>{t("terminals.column.area")}</Table.Th>
          <Table.Th>{t("terminals.column.state")}</Table.Th>
          <Table.Th>{t("terminals.column.doing")}</Table.Th>
          <Table.Th ta="right">{t("terminals.column.volume")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {terminals.map((terminal) => (
          <Table.Tr key={terminal.id}>
            <Table.Td>
              <Anchor component={Link} to={`/loa/${terminal.id}`} className={classes.tall}>
                {terminal.name}
              </Anchor>
            </Table.Td>
            <Table.Td>{terminal.area_name}</Table.Td>
            <Table.Td>
              <StatusBadge health={terminal.health} at={terminal.reported_at} />
            </Table.Td>
            <Table.Td>
              <DoingText terminal={terminal} />
            </Table.Td>
            <Table.Td ta="right">{terminal.volume}%</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Cards({ terminals }: TerminalTableProps) {
  return (
    <ul className={classes.cards}>
      {terminals.map((terminal) => (
        <Paper key={terminal.id} component="li" withBorder p="md" className={classes.card}>
          <Stack gap={6}>
            <Anchor
              component={Link}
              to={`/loa/${terminal.id}`}
              fw={600}
              fz="lg"
              className={classes.cover}
            >
              {terminal.name}
            </Anchor>
            <Text c="dimmed">{terminal.area_name}</Text>
            <div>
              <StatusBadge health={terminal.health} at={terminal.reported_at} />
            </div>
            <DoingText terminal={terminal} />
          </Stack>
        </Paper>
      ))}
    </ul>
  );
}
