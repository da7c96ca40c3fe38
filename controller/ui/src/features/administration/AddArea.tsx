import { Button, Group, Radio, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Area } from "../../parts/areas";
import { Refused } from "../../parts/Refused";
import { Section } from "../../parts/Section";
import { useCreateArea } from "./queries";
import { codeDigits, type Level, levelsBelow } from "./tree";

/** A new commune or hamlet below an area. */
export function AddArea({ parent }: { parent: Area }) {
  const { t } = useTranslation();
  const levels = levelsBelow(parent.level);
  const [level, setLevel] = useState<Level>(levels[0] ?? "hamlet");
  const [name, setName] = useState("");
  const [code, setCode] = useState("");
  const create = useCreateArea();
  const digits = codeDigits(level);
  const word = t(`administration.level.${level}`).toLowerCase();
  const press = () =>
    create.mutate(
      { parent_id: parent.id, level, name: name.trim(), code },
      {
        onSuccess: (made) => {
          setName("");
          setCode("");
          notifications.show({ message: t("administration.add.done", { name: made.name }) });
        },
      },
    );
  return (
    <Section title={t("administration.add.title", { name: parent.name })}>
      {levels.length > 1 && (
        <Radio.Group
          value={level}
          onChange={(value) => setLevel(levels.find((one) => one === value) ?? level)}
          aria-label={t("administration.add.level")}
        >
          <Group>
            {levels.map((one) => (
              <Radio key={one} size="md" value={one} label={t(`administration.level.${one}`)} />
            ))}
          </Group>
        </Radio.Group>
      )}
      <TextInput
        label={t("administration.rename.name")}
        placeholder={t(`administration.add.example.${level}`)}
        value={name}
        maxLength={200}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {digits !== null && (
        <TextInput
          label={t("administration.rename.code")}
          description={t("administration.rename.code_digits", { digits })}
          inputMode="numeric"
          value={code}
          maxLength={digits}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
      )}
      <Text>{t("administration.add.sentence", { level: word, parent: parent.name })}</Text>
      <Refused error={create.error} />
      <Group>
        <Button disabled={name.trim() === ""} loading={create.isPending} onClick={press}>
          {t("administration.add.press", { level: word })}
        </Button>
      </Group>
    </Section>
  );
}
