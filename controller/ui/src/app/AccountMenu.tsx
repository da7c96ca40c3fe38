import { ActionIcon, Menu, Text, useMantineColorScheme } from "@mantine/core";
import {
  IconKey,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconSun,
  IconUserCircle,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { answer, api } from "../api/client";
import { chooseLanguage } from "../texts";
import { useEnter, useSession } from "./session";

/** Who is signed in, language, colours, password, signing out. */
export default function AccountMenu() {
  const { t, i18n } = useTranslation();
  const { account } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const enter = useEnter();
  const navigate = useNavigate();
  const dark = colorScheme === "dark";

  async function signOut() {
    await answer(api.DELETE("/api/v1/session"));
    enter(null);
    void navigate("/dang-nhap");
  }

  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <ActionIcon aria-label={t("shell.account")}>
          <IconUserCircle size={28} aria-hidden="true" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text fw={600} c="bright">
            {account.display_name}
          </Text>
          <Text size="xs">{t(`shell.role.${account.role}`)}</Text>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconLanguage size={20} />}
          onClick={() => chooseLanguage(i18n.language === "vi" ? "en" : "vi")}
        >
          {t("shell.language")}
        </Menu.Item>
        <Menu.Item
          leftSection={dark ? <IconSun size={20} /> : <IconMoon size={20} />}
          onClick={() => setColorScheme(dark ? "light" : "dark")}
        >
          {dark ? t("shell.light") : t("shell.dark")}
        </Menu.Item>
        <Menu.Item leftSection={<IconKey size={20} />} component={Link} to="/mat-khau">
          {t("shell.password")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={20} />} onClick={() => void signOut()}>
          {t("shell.sign_out")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
