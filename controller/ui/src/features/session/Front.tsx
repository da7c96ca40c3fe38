import { Box, Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { chooseLanguage } from "../../texts";
import classes from "./Front.module.css";

interface FrontProps {
  title: string;
  text?: string;
  children: ReactNode;
}

/** The frame of every screen before signing in. */
export function Front({ title, text, children }: FrontProps) {
  const { t, i18n } = useTranslation();
  return (
    <Box className={classes.page}>
      <Group component="header" justify="space-between" className={classes.top}>
        <Group gap="sm">
          <img src="/icon.svg" alt="" width={40} height={40} />
          <Text fw={600} size="xl">
            Loa Xã
          </Text>
        </Group>
        <Button
          variant="subtle"
          color="gray"
          onClick={() => chooseLanguage(i18n.language === "vi" ? "en" : "vi")}
        >
          {t("shell.language")}
        </Button>
      </Group>
      <Paper component="main" className={classes.card} withBorder radius="lg">
        <Stack gap="lg">
          <div>
            <Title order={1} size="h2">
              {title}
            </Title>
            {text && <Text mt={6}>{text}</Text>}
          </div>
          {children}
        </Stack>
      </Paper>
    </Box>
  );
}
