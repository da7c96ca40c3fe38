import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Announcement } from "../announcements/queries";

interface GateProps {
  announcement: Announcement;
  onOpen: () => void;
}

/** Says what changing an announcement does that was sent or approved, before it is opened. */
export function Gate({ announcement, onOpen }: GateProps) {
  const { t } = useTranslation();
  const may = announcement.may.includes("edit");
  return (
    <Stack maw={640}>
      <Title order={1} size="h2">
        {announcement.title}
      </Title>
      <Text fw={600}>{t(may ? `compose.gate.${announcement.state}` : "compose.gate.closed")}</Text>
      <Text>{announcement.sentence}</Text>
      <Group>
        {may && <Button onClick={onOpen}>{t("compose.gate.act")}</Button>}
        <Button variant="default" component={Link} to={`/ban-tin/${announcement.id}`}>
          {t("compose.gate.leave")}
        </Button>
      </Group>
    </Stack>
  );
}
