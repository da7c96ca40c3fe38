import { Anchor, Group, Stack, Text, Title } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { EnrolmentList } from "./EnrolmentList";
import { NewEnrolment } from "./NewEnrolment";
import classes from "./terminals.module.css";

/** Gives a new loudspeaker its place: a one-time code for the technician. */
export default function EnrolmentPage() {
  const { t } = useTranslation();
  return (
    <Stack gap="lg">
      <Anchor component={Link} to="/loa" className={classes.tall}>
        <Group gap={6}>
          <IconArrowLeft size={20} aria-hidden="true" />
          {t("terminals.back")}
        </Group>
      </Anchor>
      <Stack gap={4}>
        <Title order={1} size="h2">
          {t("terminals.enrolment.title")}
        </Title>
        <Text c="dimmed">{t("terminals.enrolment.hint")}</Text>
      </Stack>
      <NewEnrolment />
      <EnrolmentList />
    </Stack>
  );
}
