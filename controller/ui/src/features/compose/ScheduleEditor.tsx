import { Button, Chip, Group, Input, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { DayInput } from "../../parts/DayInput";
import { serverNow } from "../../parts/now";
import { type Problem, Problems } from "../../parts/Problems";
import { dateOf, weekdayName } from "../../parts/times";
import classes from "./compose.module.css";
import type { Schedule } from "./draft";
import { asKind, dateOfOnce, type Kind, timeOfOnce } from "./schedules";
import { TimeField, TimesField } from "./TimesField";

const WEEK = [1, 2, 3, 4, 5, 6, 7];
const FORMAT = "dddd DD/MM/YYYY";

interface ScheduleEditorProps {
  schedule: Schedule;
  problems: readonly Problem[];
  onChange: (schedule: Schedule) => void;
  onRemove: () => void;
}

/** One rule: once, every day, or some days of the week. */
export function ScheduleEditor({ schedule, problems, onChange, onRemove }: ScheduleEditorProps) {
  const { t } = useTranslation();
  return (
    <fieldset className={classes.schedule} aria-label={t("compose.times.one")}>
      <Stack>
        <SegmentedControl
          size="md"
          fullWidth
          classNames={{ label: classes.kind }}
          aria-label={t("compose.times.how_often")}
          value={schedule.kind}
          onChange={(kind) => onChange(asKind(schedule, kind as Kind))}
          data={(["once", "daily", "weekly"] as const).map((kind) => ({
            value: kind,
            label: t(`compose.times.${kind}`),
          }))}
        />
        {schedule.kind === "once" ? (
          <Once schedule={schedule} onChange={onChange} />
        ) : (
          <Repeated schedule={schedule} onChange={onChange} />
        )}
        <Problems problems={problems} />
        <Group justify="flex-end">
          <Button
            variant="subtle"
            color="gray"
            c="bright"
            leftSection={<IconTrash size={20} aria-hidden="true" />}
            onClick={onRemove}
          >
            {t("compose.times.remove")}
          </Button>
        </Group>
      </Stack>
    </fieldset>
  );
}

interface PartProps<K extends Kind> {
  schedule: Extract<Schedule, { kind: K }>;
  onChange: (schedule: Schedule) => void;
}

function Once({ schedule, onChange }: PartProps<"once">) {
  const { t } = useTranslation();
  const [date, time] = [dateOfOnce(schedule.start), timeOfOnce(schedule.start)];
  return (
    <Group grow preventGrowOverflow={false} align="flex-start">
      <DayInput
        label={t("compose.times.day")}
        valueFormat={FORMAT}
        minDate={dateOf(serverNow())}
        value={date || null}
        onChange={(value) => onChange({ kind: "once", start: `${value ?? ""}T${time}` })}
      />
      <TimeField
        label={t("compose.times.time")}
        value={time}
        onChange={(value) => onChange({ kind: "once", start: `${date}T${value}` })}
      />
    </Group>
  );
}

function Repeated({ schedule, onChange }: PartProps<"daily" | "weekly">) {
  const { t } = useTranslation();
  const label = useId();
  return (
    <>
      {schedule.kind === "weekly" && (
        <div>
          <Input.Label id={label} size="md">
            {t("compose.times.weekdays")}
          </Input.Label>
          <Chip.Group
            multiple
            value={schedule.weekdays.map(String)}
            onChange={(days) => onChange({ ...schedule, weekdays: days.map(Number).sort() })}
          >
            <div role="group" aria-labelledby={label} className={classes.days}>
              {WEEK.map((day) => (
                <Chip key={day} value={String(day)} size="lg" className={classes.day}>
                  {weekdayName(day)}
                </Chip>
              ))}
            </div>
          </Chip.Group>
          {schedule.weekdays.length === 0 && <Text>{t("compose.times.weekdays_missing")}</Text>}
        </div>
      )}
      <TimesField times={schedule.times} onChange={(times) => onChange({ ...schedule, times })} />
      {schedule.interval > 1 && (
        <Text>{t(`compose.times.interval_${schedule.kind}`, { number: schedule.interval })}</Text>
      )}
      <Group grow preventGrowOverflow={false} align="flex-start">
        <DayInput
          label={t("compose.times.from")}
          valueFormat={FORMAT}
          value={schedule.from_date || null}
          onChange={(value) => onChange({ ...schedule, from_date: value ?? "" })}
        />
        <DayInput
          label={t("compose.times.until")}
          placeholder={t("compose.times.no_end")}
          clearable
          clearButtonProps={{ "aria-label": t("compose.times.no_end_set") }}
          valueFormat={FORMAT}
          minDate={schedule.from_date}
          value={schedule.until_date}
          onChange={(value) => onChange({ ...schedule, until_date: value })}
        />
      </Group>
    </>
  );
}
