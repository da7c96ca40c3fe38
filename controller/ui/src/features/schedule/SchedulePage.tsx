import { ActionIcon, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { IconCalendarPlus, IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useMay } from "../../app/session";
import { Empty } from "../../parts/Empty";
import { serverNow } from "../../parts/now";
import { Refused } from "../../parts/Refused";
import { clockTime, dateOf, dayOf, zoned } from "../../parts/times";
import { OccurrenceRow } from "./OccurrenceRow";
import { type Occurrence, useOccurrences, useSkip } from "./queries";

/** What sounds in a week, day by day. */
export default function SchedulePage() {
  const { t } = useTranslation();
  const may = useMay();
  const [week, setWeek] = useState(0);
  const first = zoned(serverNow())
    .startOf("day")
    .add(week * 7, "day");
  const until = first.add(7, "day");
  const found = useOccurrences(first.toISOString(), until.toISOString());
  const skip = useSkip();

  function ask(occurrence: Occurrence) {
    const when = `${clockTime(occurrence.start)} ${dayOf(occurrence.start)}`;
    modals.openConfirmModal({
      title: t("schedule.skip.title"),
      children: <Text>{t("schedule.skip.sentence", { title: occurrence.title, when })}</Text>,
      labels: { confirm: t("schedule.skip.act"), cancel: t("general.cancel") },
      confirmProps: { color: "red" },
      onConfirm: () =>
        skip.mutate(occurrence.id, {
          onSuccess: () => notifications.show({ message: t("schedule.skip.done", { when }) }),
        }),
    });
  }

  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          {t("schedule.title")}
        </Title>
        {may("compose") && (
          <Button
            component={Link}
            to="/soan"
            h={48}
            leftSection={<IconCalendarPlus size={22} aria-hidden="true" />}
          >
            {t("schedule.add")}
          </Button>
        )}
      </Group>
      <Group gap="xs" wrap="nowrap">
        <ActionIcon aria-label={t("schedule.earlier")} onClick={() => setWeek(week - 1)}>
          <IconChevronLeft aria-hidden="true" />
        </ActionIcon>
        <Text fw={600} aria-live="polite">
          {first.format("DD/MM")} – {until.subtract(1, "day").format("DD/MM/YYYY")}
        </Text>
        <ActionIcon aria-label={t("schedule.later")} onClick={() => setWeek(week + 1)}>
          <IconChevronRight aria-hidden="true" />
        </ActionIcon>
        {week !== 0 && (
          <Button variant="subtle" h={48} onClick={() => setWeek(0)}>
            {t("schedule.today")}
          </Button>
        )}
      </Group>
      <Refused error={found.error ?? skip.error} />
      {found.isPending && <Skeleton h={200} />}
      {found.data?.length === 0 && (
        <Empty title={t("schedule.none")} hint={t("schedule.none_hint")} />
      )}
      {byDay(found.data ?? []).map(([day, occurrences]) => (
        <section key={day} aria-label={dayOf(occurrences[0]?.start ?? day)}>
          <Title order={2} size="h3" mb={4}>
            {dayOf(occurrences[0]?.start ?? day)}
          </Title>
          {occurrences.map((occurrence) => (
            <OccurrenceRow key={occurrence.id} occurrence={occurrence}>
              {may("skip") && occurrence.state === "planned" && (
                <Button
                  variant="default"
                  h={48}
                  onClick={() => ask(occurrence)}
                  aria-label={t("schedule.skip.label", {
                    title: occurrence.title,
                    time: clockTime(occurrence.start),
                  })}
                >
                  {t("schedule.skip.open")}
                </Button>
              )}
            </OccurrenceRow>
          ))}
        </section>
      ))}
    </Stack>
  );
}

function byDay(occurrences: readonly Occurrence[]): [string, Occurrence[]][] {
  const days = new Map<string, Occurrence[]>();
  for (const one of occurrences) {
    const day = dateOf(one.start);
    days.set(day, [...(days.get(day) ?? []), one]);
  }
  return [...days];
}
