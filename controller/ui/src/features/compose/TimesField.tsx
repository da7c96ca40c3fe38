import { ActionIcon, Button, Group, Stack } from "@mantine/core";
import { TimePicker } from "@mantine/dates";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import classes from "./compose.module.css";

const MOST = 24;

interface TimeFieldProps {
  label: string;
  /** "05:30"; empty while it is not wholly filled in. */
  value: string;
  onChange: (value: string) => void;
}

/** One time of day, 24 hours. */
export function TimeField({ label, value, onChange }: TimeFieldProps) {
  const { t } = useTranslation();
  return (
    <TimePicker
      size="md"
      label={label}
      withDropdown
      minutesStep={5}
      hoursInputLabel={t("compose.times.hours_of", { label })}
      minutesInputLabel={t("compose.times.minutes_of", { label })}
      value={value}
      onChange={(time) => onChange(time.slice(0, 5))}
      error={value === "" ? t("compose.times.time_missing") : null}
    />
  );
}

interface TimesFieldProps {
  times: readonly string[];
  onChange: (times: string[]) => void;
}

/** All times of one day. */
export function TimesField({ times, onChange }: TimesFieldProps) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs">
      {times.map((time, index) => (
        <div key={index} className={classes.slot}>
          <TimeField
            label={
              times.length === 1
                ? t("compose.times.time")
                : t("compose.times.time_number", { number: index + 1 })
            }
            value={time}
            onChange={(value) => onChange(times.map((one, at) => (at === index ? value : one)))}
          />
          {times.length > 1 && (
            <ActionIcon
              color="gray"
              aria-label={t("compose.times.remove_time", { time })}
              onClick={() => onChange(times.filter((_, at) => at !== index))}
            >
              <IconX size={22} aria-hidden="true" />
            </ActionIcon>
          )}
        </div>
      ))}
      {times.length < MOST && (
        <Group>
          <Button
            variant="subtle"
            leftSection={<IconPlus size={20} aria-hidden="true" />}
            onClick={() => onChange([...times, "17:00"])}
          >
            {t("compose.times.add_time")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
