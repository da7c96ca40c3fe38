import { Alert, Button, Group, Select, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { areaChoices, useAreas } from "../../parts/areas";
import { Refused } from "../../parts/Refused";
import { Section } from "../../parts/Section";
import { type Terminal, useChangeTerminal } from "./queries";

/** Another name or place for a loudspeaker; what a move means is said first. */
export function EditTerminal({ terminal }: { terminal: Terminal }) {
  const { t } = useTranslation();
  const areas = useAreas().data ?? [];
  const [name, setName] = useState(terminal.name);
  const [area, setArea] = useState(terminal.area_id);
  const change = useChangeTerminal(terminal.id);
  const moved = area !== terminal.area_id;
  const renamed = name.trim() !== terminal.name;
  const to = areas.find((candidate) => candidate.id === area)?.name ?? "";
  const press = () =>
    change.mutate(
      { ...(renamed ? { name: name.trim() } : {}), ...(moved ? { area_id: area } : {}) },
      { onSuccess: () => notifications.show({ message: t("terminals.edit.done") }) },
    );
  return (
    <Section title={t("terminals.edit.title")}>
      <TextInput
        label={t("terminals.edit.name")}
        value={name}
        maxLength={200}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Select
        label={t("terminals.edit.area")}
        data={areaChoices(areas)}
        value={area}
        onChange={(value) => setArea(value ?? terminal.area_id)}
        allowDeselect={false}
        searchable
      />
      {moved && (
        <Alert color="yellow" title={t("terminals.edit.move_title")}>
          {t("terminals.edit.move", { from: terminal.area_name, to })}
        </Alert>
      )}
      <Refused error={change.error} />
      {(moved || renamed) && (
        <Group>
          <Button disabled={name.trim() === ""} loading={change.isPending} onClick={press}>
            {moved ? t("terminals.edit.press_move", { to }) : t("terminals.edit.press")}
          </Button>
        </Group>
      )}
    </Section>
  );
}
