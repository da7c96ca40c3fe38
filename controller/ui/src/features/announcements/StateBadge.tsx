import { Badge } from "@mantine/core";
import { IconArrowBackUp, IconCheck, IconClock, IconPencil, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { State } from "./queries";

const LOOKS: Record<State, { color: string; icon: typeof IconCheck }> = {
  draft: { color: "gray", icon: IconPencil },
  submitted: { color: "yellow", icon: IconClock },
  approved: { color: "brand", icon: IconCheck },
  returned: { color: "orange", icon: IconArrowBackUp },
  withdrawn: { color: "gray", icon: IconX },
};

/** Where an announcement stands: sign and word. */
export function StateBadge({ state }: { state: State }) {
  const { t } = useTranslation();
  const { color, icon: Icon } = LOOKS[state];
  return (
    <Badge
      variant="outline"
      size="lg"
      color={color}
      c="bright"
      leftSection={<Icon size={16} aria-hidden="true" />}
    >
      {t(`announcements.state.${state}`)}
    </Badge>
  );
}
