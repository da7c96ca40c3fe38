import { Group, Paper, SimpleGrid, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { StatusBadge } from "../../parts/StatusBadge";
import { countsOf, type Totals } from "./communes";

/** All communes taken together. */
export function TotalsBar({ totals }: { totals: Totals }) {
  const { t } = useTranslation();
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
      <Paper withBorder p="md">
        <Text c="dimmed">
          {t("overview.totals.terminals", {
            terminals: totals.terminals,
            communes: totals.communes,
          })}
        </Text>
        <Group gap="xs" mt="xs">
          {countsOf(totals).map(([health, count]) => (
            <StatusBadge key={health} health={health} count={count} />
          ))}
        </Group>
      </Paper>
      <Paper withBorder p="md">
        <Text c="dimmed">{t("overview.totals.today")}</Text>
        <Text size="xl" fw={600} mt={4}>
          {totals.missed === 0
            ? t("overview.totals.none_missed", { planned: totals.planned })
            : t("overview.totals.missed", { missed: totals.missed, planned: totals.planned })}
        </Text>
      </Paper>
    </SimpleGrid>
  );
}
