import { Button, Group, Select, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { areaChoices, useAreas } from "../../parts/areas";
import { Refused } from "../../parts/Refused";
import { Section } from "../../parts/Section";
import { NewCode } from "./NewCode";
import { useCreateEnrolment } from "./queries";

/** Asks for name and place of a new loudspeaker and shows its code, once. */
export function NewEnrolment() {
  const { t } = useTranslation();
  const areas = useAreas().data ?? [];
  const [area, setArea] = useState<string | null>(null);
  const [name, setName] = useState("");
  const create = useCreateEnrolment();
  const place = areas.find((item) => item.id === area);
  if (create.data !== undefined)
    return <NewCode made={create.data} onDone={() => create.reset()} />;
  const ready = place !== undefined && name.trim() !== "";
  return (
    <Section title={t("terminals.enrolment.new")}>
      <Group grow preventGrowOverflow={false} align="flex-start">
        <Select
          label={t("terminals.enrolment.area")}
          placeholder={t("terminals.enrolment.area_choose")}
          data={areaChoices(areas)}
          value={area}
          onChange={setArea}
          searchable
        />
        <TextInput
          label={t("terminals.enrolment.name")}
          placeholder={t("terminals.enrolment.name_example")}
          value={name}
          maxLength={200}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      </Group>
      <Text>
        {ready
          ? t("terminals.enrolment.sentence", { name: name.trim(), area: place.name })
          : t("terminals.enrolment.fill")}
      </Text>
      <Refused error={create.error} />
      <Group>
        <Button
          disabled={!ready}
          loading={create.isPending}
          onClick={() => {
            if (place === undefined) return;
            create.mutate(
              { area_id: place.id, name: name.trim() },
              { onSuccess: () => setName("") },
            );
          }}
        >
          {t("terminals.enrolment.press")}
        </Button>
      </Group>
    </Section>
  );
}
