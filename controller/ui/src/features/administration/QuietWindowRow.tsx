import { ActionIcon, Chip, Group, Paper, Stack, Text } from "@mantine/core";
import { TimeInput } from "@mantine/dates";
import { IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { overnight, type QuietRow, WEEKDAYS, windowProblem } from "./rules";

interface QuietWindowRowProps {
  row: QuietRow;
  onChange: (row: QuietRow) => void;
  onRemove: () => void;
}

/** One daily span of quiet and the days it holds on. */
export function QuietWindowRow({ row, onChange, onRemove }: QuietWindowRowProps) {
  const { t } = useTranslation();
  const problem = windowProblem(row);
  return (
    <Paper withBorder p="sm">
      <Stack gap="sm">
        <Group align="flex-end" wrap="nowrap">
          <TimeInput
            size="md"
            label={t("administration.rules.from")}
            value={row.start}
            onChange={(event) => onChange({ ...row, start: event.currentTarget.value })}
          />
          <TimeInput
            size="md"
            label={t("administration.rules.until")}
            value={row.end}
            onChange={(event) => onChange({ ...row, end: event.currentTarget.value })}
          />
          <ActionIcon aria-label={t("administration.rules.quiet_remove")} onClick={onRemove}>
            <IconTrash size={24} aria-hidden="true" />
          </ActionIcon>
        </Group>
        <Chip.Group
          multiple
          value={row.weekdays}
          onChange={(weekdays) => onChange({ ...row, weekdays })}
        >
          <Group gap={6} role="group" aria-label={t("administration.rules.days")}>
            {WEEKDAYS.map((day) => (
              <Chip key={day} value={String(day)} size="md">
                {t(`administration.weekday.${day}`)}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        {overnight(row) && <Text c="dimmed">{t("administration.rules.next_day")}</Text>}
        {problem !== null && (
          <Text role="alert" c="red">
            {t(`administration.rules.problem.${problem}`)}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}
