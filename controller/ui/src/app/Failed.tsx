import { Button, Container, Group, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** A screen that could not be shown: a fault of ours, or a newer version took its place. */
export function Failed() {
  const { t } = useTranslation();
  return (
    <Container size="xs" py="xl" role="alert">
      <Title order={1} size="h2">
        {t("general.failed.title")}
      </Title>
      <Text my="md">{t("general.failed.text")}</Text>
      <Group>
        <Button onClick={() => window.location.reload()}>{t("general.failed.reload")}</Button>
        <Button variant="default" component="a" href="/">
          {t("general.missing.home")}
        </Button>
      </Group>
    </Container>
  );
}
