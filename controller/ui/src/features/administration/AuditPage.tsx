import { Button, Group, Select, Skeleton, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { areaChoices, useAreas } from "../../parts/areas";
import { Empty } from "../../parts/Empty";
import { Refused } from "../../parts/Refused";
import { TimeText } from "../../parts/TimeText";
import classes from "./administration.module.css";
import { type AuditEntry, useAudit } from "./queries";

/** Whom the trail names when no person acted. */
const PROGRAM = "loaxa";

/** Who did what, when. */
export default function AuditPage() {
  const { t } = useTranslation();
  const [area, setArea] = useState<string | null>(null);
  const areas = useAreas().data ?? [];
  const audit = useAudit(area);
  const entries = audit.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Stack>
      <Text c="dimmed">{t("administration.audit.hint")}</Text>
      <Select
        label={t("administration.audit.area")}
        placeholder={t("administration.audit.everywhere")}
        data={areaChoices(areas)}
        value={area}
        onChange={setArea}
        searchable
        clearable
        clearButtonProps={{ "aria-label": t("administration.audit.everywhere") }}
        maw={480}
      />
      <Refused error={audit.error} />
      {audit.isPending && <Skeleton height={320} aria-label={t("administration.loading")} />}
      {audit.isSuccess && entries.length === 0 && (
        <Empty title={t("administration.audit.none")} hint={t("administration.audit.none_hint")} />
      )}
      <ol className={classes.plain}>
        {entries.map((entry) => (
          <Entry
            key={entry.id}
            entry={entry}
            area={areas.find((item) => item.id === entry.area_id)?.name}
          />
        ))}
      </ol>
      {audit.hasNextPage && (
        <Group>
          <Button
            variant="default"
            loading={audit.isFetchingNextPage}
            onClick={() => audit.fetchNextPage()}
          >
            {t("general.more")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Entry({ entry, area }: { entry: AuditEntry; area: string | undefined }) {
  const { t, i18n } = useTranslation();
  const key = `administration.action.${entry.action.replaceAll(".", "_")}`;
  // A newer controller may tell of acts that these screens have no words for yet.
  const act = i18n.exists(key) ? t(key) : entry.action;
  return (
    <li className={classes.entry}>
      <Text c="dimmed">
        <TimeText at={entry.at} />
      </Text>
      <Text className={classes.act}>
        <strong>{entry.actor === PROGRAM ? t("administration.audit.system") : entry.actor}</strong>{" "}
        {act}
        {entry.detail !== "" && `: ${entry.detail}`}
      </Text>
      <Text c="dimmed">{area}</Text>
    </li>
  );
}
