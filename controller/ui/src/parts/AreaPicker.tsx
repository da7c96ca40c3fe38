import { ActionIcon, Checkbox, Fieldset, Skeleton, Text, TextInput } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconSearch } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./AreaPicker.module.css";
import { type Area, useAreas } from "./areas";
import { folded } from "./folded";
import {
  coversArea,
  coversTerminal,
  type PlacedTerminal,
  type Places,
  placesOf,
  type Targets,
  toggleArea,
  toggleTerminal,
  touchesArea,
} from "./targets";
import { usePlacedTerminals } from "./terminals";

interface AreaPickerProps {
  label: string;
  value: Targets;
  onChange: (targets: Targets) => void;
  /** Id of the problems beside it. */
  describedBy?: string;
}

const SEARCH_FROM = 12;

/** Chooses hamlets, whole communes or single loudspeakers from the tree of areas. */
export function AreaPicker({ label, value, onChange, describedBy }: AreaPickerProps) {
  const { t } = useTranslation();
  const areas = useAreas();
  const terminals = usePlacedTerminals(areas.data);
  const [search, setSearch] = useState("");
  const places = useMemo(
    () => placesOf(areas.data ?? [], terminals.data ?? []),
    [areas.data, terminals.data],
  );
  const found = useMemo(() => matching(places, search), [places, search]);

  if (areas.isPending) return <Skeleton h={150} />;
  return (
    <Fieldset legend={label} aria-describedby={describedBy} px="xs">
      {places.area.size > SEARCH_FROM && (
        <TextInput
          mb="xs"
          leftSection={<IconSearch size={20} aria-hidden="true" />}
          aria-label={t("areas.search")}
          placeholder={t("areas.search")}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <ul className={classes.list}>
        {places.top.map((area) => (
          <AreaRow key={area.id} area={area} open picking={{ places, value, onChange, found }} />
        ))}
      </ul>
      {found?.size === 0 && <Text p="sm">{t("areas.none")}</Text>}
    </Fieldset>
  );
}

interface Picking {
  places: Places;
  value: Targets;
  onChange: (targets: Targets) => void;
  /** Areas that a search leaves; null: no search. */
  found: Set<string> | null;
}

function AreaRow({ area, picking, open }: { area: Area; picking: Picking; open?: boolean }) {
  const { t } = useTranslation();
  const { places, value, onChange, found } = picking;
  const [opened, setOpened] = useState(open ?? false);
  const below = places.below.get(area.id) ?? [];
  const terminals = places.terminals.get(area.id) ?? [];
  const whole = coversArea(places, value, area.id);
  const shown = opened || found !== null;
  const Chevron = shown ? IconChevronDown : IconChevronRight;

  if (found && !found.has(area.id)) return null;
  return (
    <li>
      <div className={classes.row}>
        <Checkbox
          className={classes.check}
          size="md"
          checked={whole}
          indeterminate={!whole && touchesArea(places, value, area.id)}
          onChange={() => onChange(toggleArea(places, value, area.id))}
          label={
            <>
              {area.name}{" "}
              <span className={classes.count}>
                {t("areas.terminals", { count: area.terminals })}
              </span>
            </>
          }
        />
        {below.length + terminals.length > 0 && (
          <ActionIcon
            color="gray"
            aria-expanded={shown}
            aria-label={t("areas.inside", { area: area.name })}
            onClick={() => setOpened(!opened)}
          >
            <Chevron size={24} aria-hidden="true" />
          </ActionIcon>
        )}
      </div>
      {shown && (
        <ul className={classes.list}>
          {below.map((one) => (
            <AreaRow key={one.id} area={one} picking={picking} />
          ))}
          {found === null &&
            terminals.map((one) => <TerminalRow key={one.id} terminal={one} picking={picking} />)}
        </ul>
      )}
    </li>
  );
}

function TerminalRow({ terminal, picking }: { terminal: PlacedTerminal; picking: Picking }) {
  const { places, value, onChange } = picking;
  return (
    <li className={classes.row}>
      <Checkbox
        className={classes.check}
        size="md"
        checked={coversTerminal(places, value, terminal.id)}
        onChange={() => onChange(toggleTerminal(places, value, terminal.id))}
        label={terminal.name}
      />
    </li>
  );
}

/** Areas whose name fits a search, and all above them. */
function matching(places: Places, search: string): Set<string> | null {
  const wanted = folded(search.trim());
  if (wanted === "") return null;
  const found = new Set<string>();
  for (const area of places.area.values()) {
    if (!folded(area.name).includes(wanted)) continue;
    for (let at: Area | undefined = area; at; at = places.area.get(at.parent_id ?? ""))
      found.add(at.id);
  }
  return found;
}
