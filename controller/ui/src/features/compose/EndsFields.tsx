import { Group, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** What is joined to a sound when it is prepared. */
export interface Ends {
  chime: boolean;
  closing: boolean;
}

interface EndsFieldsProps {
  ends: Ends;
  onChange: (ends: Ends) => void;
}

/** Whether a chime opens and closes the sound. */
export function EndsFields({ ends, onChange }: EndsFieldsProps) {
  const { t } = useTranslation();
  return (
    <Group gap="0 2rem">
      {(["chime", "closing"] as const).map((end) => (
        <Switch
          key={end}
          label={t(`compose.sound.${end}`)}
          checked={ends[end]}
          onChange={(event) => onChange({ ...ends, [end]: event.currentTarget.checked })}
        />
      ))}
    </Group>
  );
}
