import {
  ActionIcon,
  Button,
  Group,
  SegmentedControl,
  Skeleton,
  Stack,
  Text,
  Title,
} from "@mantine/core";
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
import { clockTime, dayOf, zoned } from "../../parts/times";
import { Agenda, useDayLabel } from "./Agenda";
import { type Occurrence, useOccurrences, useSkip } from "./queries";

const DAYS = { day: 1, week: 7 } as const;
type Length = keyof typeof DAYS;

/** What sounds on a day or in a week, in order of time. */
export default function SchedulePage() {
  const { t } = useTranslation();
  const may = useMay();
  const label = useDayLabel();
  const [length, setLength] = useState<Length>("week");
  /** Days from today. */
  const [ahead, setAhead] = useState(0);
  const days = DAYS[length];
  const first = zoned(serverNow()).startOf("day").add(ahead, "day");
  const until = first.add(days, "day");
  const found = useOccurrences(first.toISOString(), until.toISOString());
  const skip = useSkip();

  function ask(occurrence: Occurrence) {
    const when = `${clockTime(occurrence.start)} ${dayOf(occurrence.start)}`;
    modals.openConfirmModal({
      title: t("schedule.skip.title"),
      children: <Text>{t("schedule.skip.sentence", { title: occurrence.title, when })}</Text>,
      labels: { confirm: t("schedule.skip.act"), cancel: t("general.cancel") },
      confirmProps: { color: "ink" },
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
            to="/soan?hen-gio"
            leftSection={<IconCalendarPlus size={22} aria-hidden="true" />}
          >
            {t("schedule.add")}
          </Button>
        )}
      </Group>
      <Group justify="space-between" gap="xs">
        <Group gap="xs" wrap="nowrap">
          <ActionIcon
            variant="default"
            aria-label={t(`schedule.earlier.${length}`)}
            onClick={() => setAhead(ahead - days)}
          >
            <IconChevronLeft aria-hidden="true" />
          </ActionIcon>
          <Text fw={600} aria-live="polite">
            {length === "day"
              ? label(first.toISOString())
              : `${first.format("DD/MM")} – ${until.subtract(1, "day").format("DD/MM/YYYY")}`}
          </Text>
          <ActionIcon
            variant="default"
            aria-label={t(`schedule.later.${length}`)}
            onClick={() => setAhead(ahead + days)}
          >
            <IconChevronRight aria-hidden="true" />
          </ActionIcon>
        </Group>
        <Group gap="xs">
          {ahead !== 0 && (
            <Button variant="subtle" onClick={() => setAhead(0)}>
              {t("schedule.today")}
            </Button>
          )}
          <SegmentedControl
            aria-label={t("schedule.length")}
            value={length}
            onChange={(value) => setLength(value as Length)}
            data={(["day", "week"] as const).map((value) => ({
              value,
              label: t(`schedule.show.${value}`),
            }))}
          />
        </Group>
      </Group>
      <Refused error={found.error ?? skip.error} />
      {found.isPending && <Skeleton h={200} />}
      {found.data?.length === 0 && (
        <Empty title={t(`schedule.none.${length}`)} hint={t("schedule.none_hint")}>
          {may("compose") && (
            <Button component={Link} to="/soan" variant="light">
              {t("home.record")}
            </Button>
          )}
        </Empty>
      )}
      <Agenda
        occurrences={found.data ?? []}
        acts={(occurrence) =>
          may("skip") &&
          occurrence.state === "planned" && (
            <Button
              variant="default"
              onClick={() => ask(occurrence)}
              aria-label={t("schedule.skip.label", {
                title: occurrence.title,
                time: clockTime(occurrence.start),
              })}
            >
              {t("schedule.skip.open")}
            </Button>
          )
        }
      />
    </Stack>
  );
}
