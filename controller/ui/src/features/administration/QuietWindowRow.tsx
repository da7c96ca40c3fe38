import { ActionIcon, Chip, Group, Paper, Stack, Text } from "@mantine/core";
import { TimePicker } from "@mantine/dates";
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
          <TimePicker
            label={t("administration.rules.from")}
            hoursInputLabel={t("administration.rules.from_hour")}
            minutesInputLabel={t("administration.rules.from_minute")}
            value={row.start}
            onChange={(start) => onChange({ ...row, start: start.slice(0, 5) })}
          />
          <TimePicker
            label={t("administration.rules.until")}
            hoursInputLabel={t("administration.rules.until_hour")}
            minutesInputLabel={t("administration.rules.until_minute")}
            value={row.end}
            onChange={(end) => onChange({ ...row, end: end.slice(0, 5) })}
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
              <Chip key={day} value={String(day)} size="sm">
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
