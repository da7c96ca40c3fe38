import { Chip, Group, Select, Stack, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { areaChoices, useAreas } from "../../parts/areas";
import { HEALTHS } from "../../parts/StatusBadge";
import type { ShownFilter } from "./filter";

interface TerminalFiltersProps {
  filter: ShownFilter;
  onChange: (filter: ShownFilter) => void;
}

/** Which loudspeakers to show: by words, place and state. */
export function TerminalFilters({ filter, onChange }: TerminalFiltersProps) {
  const { t } = useTranslation();
  const areas = useAreas().data ?? [];
  return (
    <Stack gap="sm" role="search">
      <Group gap="sm" grow preventGrowOverflow={false} wrap="wrap">
        <TextInput
          type="search"
          aria-label={t("terminals.filter.search")}
          placeholder={t("terminals.filter.search")}
          leftSection={<IconSearch size={20} aria-hidden="true" />}
          value={filter.search}
          onChange={(event) => onChange({ ...filter, search: event.currentTarget.value })}
        />
        <Select
          aria-label={t("terminals.filter.area")}
          placeholder={t("terminals.filter.everywhere")}
          data={areaChoices(areas)}
          value={filter.area}
          onChange={(area) => onChange({ ...filter, area })}
          searchable
          clearable
          clearButtonProps={{ "aria-label": t("terminals.filter.everywhere") }}
        />
      </Group>
      <Chip.Group
        value={filter.health ?? "all"}
        onChange={(value) =>
          onChange({ ...filter, health: HEALTHS.find((health) => health === value) ?? null })
        }
      >
        <Group gap="xs" role="group" aria-label={t("terminals.filter.state")}>
          <Chip value="all" size="sm">
            {t("terminals.filter.any")}
          </Chip>
          {HEALTHS.map((health) => (
            <Chip key={health} value={health} size="sm">
              {t(`status.${health}`)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </Stack>
  );
}
