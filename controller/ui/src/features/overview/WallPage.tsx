import { Group, Modal, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { Age } from "../../parts/Age";
import { useNow } from "../../parts/now";
import { StatusBadge } from "../../parts/StatusBadge";
import { TimeText } from "../../parts/TimeText";
import { zoned } from "../../parts/times";
import { type Commune, chosen, countsOf, needsAttention, totalsOf } from "./communes";
import classes from "./overview.module.css";
import { useOverview } from "./queries";

/** All communes on one big screen, without controls; Escape leaves it. */
export default function WallPage() {
  const { t } = useTranslation();
  const leave = useNavigate();
  return (
    <Modal.Root
      opened
      fullScreen
      padding={0}
      onClose={() => leave("/toan-tinh")}
      transitionProps={{ duration: 0 }}
    >
      <Modal.Content aria-label={t("overview.title")}>
        <Modal.Body>
          <Wall />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Wall() {
  const { t } = useTranslation();
  const overview = useOverview();
  const now = useNow();
  const communes = overview.data?.communes ?? [];
  const totals = totalsOf(communes);
  const clock = zoned(now).format("HH:mm:ss");
  return (
    <div className={classes.wall}>
      <Group justify="space-between" wrap="wrap">
        <Title order={1} size="h2">
          {t("overview.title")}
        </Title>
        <Group gap="xs">
          {countsOf(totals).map(([health, count]) => (
            <StatusBadge key={health} health={health} count={count} />
          ))}
        </Group>
        <Text fw={600} size="xl">
          {totals.missed === 0
            ? t("overview.totals.none_missed", { planned: totals.planned })
            : t("overview.totals.missed", { missed: totals.missed, planned: totals.planned })}
        </Text>
        <Text size="xl">
          {clock} · {t("overview.age")} <Age at={overview.data?.at ?? null} />
        </Text>
      </Group>
      <ul
        className={classes.tiles}
        // Scrolls by keyboard when it does not fit.
        tabIndex={0}
      >
        {chosen(communes, "all", "").map((commune) => (
          <Tile key={commune.area_id} commune={commune} />
        ))}
      </ul>
    </div>
  );
}

function Tile({ commune }: { commune: Commune }) {
  const { t } = useTranslation();
  return (
    <li
      className={classes.tile}
      data-attention={needsAttention(commune) || undefined}
      data-on-air={commune.on_air > 0 || undefined}
    >
      <div className={classes.head}>
        <strong>{commune.name}</strong>
        <Group gap={4}>
          {countsOf(commune).map(([health, count]) => (
            <StatusBadge key={health} health={health} count={count} short />
          ))}
        </Group>
      </div>
      {commune.sounding.length > 0 && (
        <span className={classes.sounding}>{commune.sounding.join(" · ")}</span>
      )}
      {commune.stopped_until !== null && (
        <span>
          {t("overview.stopped")} <TimeText at={commune.stopped_until} />
        </span>
      )}
      {commune.missed_today > 0 && (
        <span>
          {t("overview.missed", {
            missed: commune.missed_today,
            planned: commune.planned_today,
          })}
        </span>
      )}
    </li>
  );
}
