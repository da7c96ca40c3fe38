import { Group, Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { indented, useAreas } from "../../parts/areas";
import { DayInput } from "../../parts/DayInput";
import { OUTCOMES, type Outcome } from "./queries";

export interface Filter {
  /** First and last local date; the last is null while it is being chosen. */
  span: [string | null, string | null];
  area: string | null;
  outcome: Outcome | null;
}

interface DiaryFiltersProps {
  filter: Filter;
  onChange: (filter: Filter) => void;
}

/** Which days, where, and how it went. */
export function DiaryFilters({ filter, onChange }: DiaryFiltersProps) {
  const { t } = useTranslation();
  const areas = useAreas();
  return (
    <Group align="flex-end" gap="sm" grow preventGrowOverflow={false}>
      <DayInput
        type="range"
        label={t("diary.span")}
        valueFormat="DD/MM/YYYY"
        allowSingleDateInRange
        value={filter.span}
        onChange={(span) => onChange({ ...filter, span })}
        miw={240}
      />
      <Select
        label={t("diary.area")}
        placeholder={t("diary.everywhere")}
        data={indented(areas.data ?? [])}
        value={filter.area}
        onChange={(area) => onChange({ ...filter, area })}
        clearable
        searchable
        miw={200}
      />
      <Select
        label={t("diary.outcome")}
        placeholder={t("diary.any")}
        data={OUTCOMES.map((one) => ({ value: one, label: t(`diary.outcomes.${one}`) }))}
        value={filter.outcome}
        onChange={(value) => onChange({ ...filter, outcome: value as Outcome | null })}
        clearable
        miw={200}
      />
    </Group>
  );
}
