import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { dayOf, duration } from "../../parts/times";

const READ = 50;

/** Sounds that are there already. */
export function EarlierSound({ onChosen }: { onChosen: (id: string, name: string) => void }) {
  const { t } = useTranslation();
  const recordings = useQuery({
    queryKey: ["recording", "list"],
    queryFn: () => answer(api.GET("/api/v1/recordings", { params: { query: { limit: READ } } })),
  });
  const ready = (recordings.data?.items ?? []).filter(({ state }) => state === "ready");
  if (ready.length === 0) return null;
  return (
    <Select
      label={t("compose.sound.earlier")}
      placeholder={t("compose.sound.earlier_choose")}
      searchable
      nothingFoundMessage={t("compose.sound.earlier_none")}
      data={ready.map(({ id, title, duration_ms, created_at }) => ({
        value: id,
        label: `${title} · ${duration(duration_ms ?? 0)} · ${dayOf(created_at)}`,
      }))}
      value={null}
      onChange={(id) => {
        const chosen = ready.find((one) => one.id === id);
        if (chosen) onChosen(chosen.id, chosen.title);
      }}
    />
  );
}
