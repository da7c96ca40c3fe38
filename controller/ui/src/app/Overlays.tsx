import "@mantine/notifications/styles.css";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";

/** Questions and notices above the screen; loaded after it, since none can be there at first. */
export default function Overlays() {
  const { t } = useTranslation();
  return (
    <ModalsProvider
      labels={{ confirm: t("general.confirm"), cancel: t("general.cancel") }}
      modalProps={{ closeButtonProps: { "aria-label": t("general.close") } }}
    >
      <Notifications position="top-center" containerWidth={420} />
    </ModalsProvider>
  );
}
