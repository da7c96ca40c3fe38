import { Anchor, Group, Paper, Stack, Table, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Age } from "../../parts/Age";
import { StatusBadge } from "../../parts/StatusBadge";
import { TimeText } from "../../parts/TimeText";
import { COUNTED, type Commune, type CountedHealth, countsOf } from "./communes";
import classes from "./overview.module.css";

interface CommuneTableProps {
  communes: readonly Commune[];
}

/** Communes as a table where there is room, as cards on a phone. */
export function CommuneTable({ communes }: CommuneTableProps) {
  const wide = useMediaQuery("(min-width: 75em)", true, { getInitialValueInEffect: false });
  return wide ? <WideTable communes={communes} /> : <Cards communes={communes} />;
}

function WideTable({ communes }: CommuneTableProps) {
  const { t } = useTranslation();
  return (
    <Table stickyHeader stickyHeaderOffset={64} verticalSpacing="xs" highlightOnHover fz="md">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("overview.column.commune")}</Table.Th>
          {COUNTED.map((health) => (
            <Table.Th key={health}>{t(`status.${health}`)}</Table.Th>
          ))}
          <Table.Th>{t("overview.column.sounding")}</Table.Th>
          <Table.Th>{t("overview.column.missed")}</Table.Th>
          <Table.Th className={classes.line}>{t("overview.column.reported")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {communes.map((commune) => (
          <Table.Tr key={commune.area_id}>
            <Table.Td className={classes.line}>
              <CommuneLink commune={commune} className={classes.tall} />
            </Table.Td>
            {COUNTED.map((health) => (
              <Table.Td key={health}>
                {commune[health] > 0 && <Count commune={commune} health={health} short />}
              </Table.Td>
            ))}
            <Table.Td>
              <Sounding commune={commune} />
            </Table.Td>
            <Table.Td>
              <Missed commune={commune} />
            </Table.Td>
            <Table.Td className={classes.line}>
              <Age at={commune.last_report_at} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Cards({ communes }: CommuneTableProps) {
  const { t } = useTranslation();
  return (
    <ul className={classes.cards}>
      {communes.map((commune) => (
        <Paper key={commune.area_id} component="li" withBorder p="md">
          <Stack gap="xs">
            <Group justify="space-between">
              <CommuneLink commune={commune} className={classes.tall} />
              <Text c="dimmed">
                {t("overview.column.ago")} <Age at={commune.last_report_at} />
              </Text>
            </Group>
            <Counts commune={commune} />
            {(commune.sounding.length > 0 || commune.stopped_until !== null) && (
              <Sounding commune={commune} />
            )}
            <Missed commune={commune} />
          </Stack>
        </Paper>
      ))}
    </ul>
  );
}

function CommuneLink({ commune, className }: { commune: Commune; className?: string }) {
  return (
    <Anchor component={Link} to={`/loa?area=${commune.area_id}`} className={className}>
      {commune.name}
    </Anchor>
  );
}

function Counts({ commune }: { commune: Commune }) {
  const { t } = useTranslation();
  const counts = countsOf(commune);
  if (counts.length === 0) return <Text c="dimmed">{t("overview.no_terminals")}</Text>;
  return (
    <Group gap={6}>
      {counts.map(([health]) => (
        <Count key={health} commune={commune} health={health} />
      ))}
    </Group>
  );
}

interface CountProps {
  commune: Commune;
  health: CountedHealth;
  short?: boolean;
}

function Count({ commune, health, short }: CountProps) {
  return (
    <Link to={`/loa?area=${commune.area_id}&health=${health}`} className={classes.count}>
      <StatusBadge health={health} count={commune[health]} short={short} />
    </Link>
  );
}

function Sounding({ commune }: { commune: Commune }) {
  const { t } = useTranslation();
  if (commune.stopped_until !== null)
    return (
      <Text fw={600}>
        {t("overview.stopped")} <TimeText at={commune.stopped_until} />
      </Text>
    );
  if (commune.sounding.length === 0) return <Text c="dimmed">{t("overview.quiet")}</Text>;
  return <Text>{commune.sounding.join(" · ")}</Text>;
}

function Missed({ commune }: { commune: Commune }) {
  const { t } = useTranslation();
  const { missed_today: missed, planned_today: planned } = commune;
  if (planned === 0) return <Text c="dimmed">{t("overview.nothing_planned")}</Text>;
  if (missed === 0)
    return <Text className={classes.line}>{t("overview.none_missed", { planned })}</Text>;
  return (
    <Anchor
      component={Link}
      to={`/nhat-ky?area=${commune.area_id}&outcome=missed`}
      className={classes.missed}
    >
      <IconAlertTriangle size={20} aria-hidden="true" />
      {t("overview.missed", { missed, planned })}
    </Anchor>
  );
}
