import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { type DraftState, isComplete } from "./draft";

const REST_MS = 350;
const UNTITLED = "…";

/** What will happen, as the controller says it; `sound` is how far the recording is. */
export function usePreview({ content, id }: DraftState, areaId: string, sound: string | null) {
  const { i18n } = useTranslation();
  const [settled] = useDebouncedValue(content, REST_MS);
  // A name is needed to send it, not to look ahead.
  const asked = { ...settled, title: settled.title.trim() || UNTITLED };
  const query = useQuery({
    queryKey: ["announcement", "preview", asked, id, sound, i18n.language],
    enabled: isComplete(asked),
    placeholderData: keepPreviousData,
    queryFn: () =>
      answer(
        api.POST("/api/v1/announcements/preview", {
          body: { ...asked, area_id: areaId, announcement_id: id },
        }),
      ),
  });
  return { ...query, settled: settled === content && !query.isPlaceholderData };
}

export type Preview = ReturnType<typeof usePreview>;
