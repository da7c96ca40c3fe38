import { Radio, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Content } from "./draft";

type MessageClass = Content["message_class"];

interface ClassStepProps {
  value: MessageClass;
  onChange: (value: MessageClass) => void;
}

/** Ordinary or priority; emergencies have a place of their own. */
export function ClassStep({ value, onChange }: ClassStepProps) {
  const { t } = useTranslation();
  return (
    <Radio.Group
      aria-label={t("compose.step.class")}
      value={value}
      onChange={(chosen) => onChange(chosen as MessageClass)}
    >
      <Stack gap="xs">
        {(["ordinary", "priority"] as const).map((one) => (
          <Radio
            key={one}
            value={one}
            size="md"
            label={t(`compose.class.${one}`)}
            description={t(`compose.class_hint.${one}`)}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}
