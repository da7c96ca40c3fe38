import { Button, Group, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { serverNow } from "../../parts/now";
import { type Problem, Problems } from "../../parts/Problems";
import { problemsAt, problemsOf } from "../../parts/problems";
import { zoned } from "../../parts/times";
import type { Schedule } from "./draft";
import { ScheduleEditor } from "./ScheduleEditor";
import { firstSchedule } from "./schedules";

const MOST = 20;

interface TimesStepProps {
  schedules: readonly Schedule[];
  onChange: (schedules: Schedule[]) => void;
  problems: readonly Problem[];
  warnings: readonly Problem[];
}

/** When: one or more schedules, each with its own problems beside it. */
export function TimesStep({ schedules, onChange, problems, warnings }: TimesStepProps) {
  const { t } = useTranslation();
  const put = (at: number, schedule: Schedule) =>
    onChange(schedules.map((one, index) => (index === at ? schedule : one)));
  return (
    <Stack data-problem={problems.length > 0 || undefined}>
      {schedules.length === 0 && <Text>{t("compose.times.none")}</Text>}
      {schedules.map((schedule, index) => (
        <ScheduleEditor
          key={index}
          schedule={schedule}
          problems={problemsAt(problems, `schedules.${index}`)}
          onChange={(changed) => put(index, changed)}
          onRemove={() => onChange(schedules.filter((_, at) => at !== index))}
        />
      ))}
      <Problems problems={problemsOf(problems, "schedules")} warnings={warnings} />
      {schedules.length < MOST && (
        <Group>
          <Button
            variant="light"
            leftSection={<IconPlus size={20} aria-hidden="true" />}
            onClick={() => onChange([...schedules, firstSchedule(zoned(serverNow()))])}
          >
            {t(schedules.length === 0 ? "compose.times.add_first" : "compose.times.add")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
