import { Button, Stack, Title } from "@mantine/core";
import { IconAlertHexagonFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useMay, useSession } from "../../app/session";
import { Actions } from "./Actions";
import { Coming, Sounding } from "./Airings";
import { Drafts, Returned, Waiting } from "./Announcements";
import classes from "./home.module.css";

/** What waits for this person, what one does most, what sounds now and next. */
export default function HomePage() {
  const { t } = useTranslation();
  const { account } = useSession();
  const may = useMay();
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        {t("home.greeting", { name: account.display_name })}
      </Title>
      <div className={classes.page}>
        <Stack gap="lg">
          {may("decide") && <Waiting />}
          <Actions />
          {may("compose") && <Returned />}
          {may("compose") && <Drafts />}
        </Stack>
        <Stack gap="lg">
          <Sounding />
          <Coming />
          <Button
            component={Link}
            to="/khan-cap"
            variant="default"
            className={classes.emergency}
            leftSection={<IconAlertHexagonFilled aria-hidden="true" />}
          >
            {t("home.emergency")}
          </Button>
        </Stack>
      </div>
    </Stack>
  );
}
