import { Button, Container, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

/** An address that leads nowhere, or a screen that failed. */
export function Missing() {
  const { t } = useTranslation();
  return (
    <Container size="xs" py="xl">
      <Title order={1} size="h2">
        {t("general.missing.title")}
      </Title>
      <Text my="md">{t("general.missing.text")}</Text>
      <Button component={Link} to="/">
        {t("general.missing.home")}
      </Button>
    </Container>
  );
}
