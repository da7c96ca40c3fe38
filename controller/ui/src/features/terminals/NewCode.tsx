import { Alert, Button, Code, Group, List, SimpleGrid, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { Copy } from "../../parts/Copy";
import { Section } from "../../parts/Section";
import { TimeText } from "../../parts/TimeText";
import classes from "./terminals.module.css";

const INSTALL = "git clone … loaxa\nsudo loaxa/deploy/pi/install.sh";
const ENROL = "sudo -u loaxa loaxa-agent enrol";
const START = "sudo systemctl start loaxa-agent";

// Markup meant for a page lacks the name space that a picture of its own needs.
function pictureOf(svg: string): string {
  const whole = svg.includes("xmlns=")
    ? svg
    : svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"');
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(whole)}`;
}

interface NewCodeProps {
  made: Schemas["NewEnrolmentView"];
  onDone: () => void;
}

/** The code of a new loudspeaker as picture and text, with what the technician does with it. */
export function NewCode({ made, onDone }: NewCodeProps) {
  const { t } = useTranslation();
  const { enrolment, code, qr_svg } = made;
  return (
    <Section title={t("terminals.code.title", { name: enrolment.name })}>
      <Alert color="yellow">
        {t("terminals.code.once")} <TimeText at={enrolment.expires_at} />.
      </Alert>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
        <Stack gap="sm" align="flex-start">
          <img className={classes.qr} src={pictureOf(qr_svg)} alt={t("terminals.code.qr")} />
          <Code block className={classes.command}>
            {code}
          </Code>
          <Copy text={code} label={t("terminals.code.copy")} />
        </Stack>
        <List type="ordered" spacing="md">
          <List.Item>
            {t("terminals.code.step_install")}
            <Code block className={classes.command}>
              {INSTALL}
            </Code>
          </List.Item>
          <List.Item>
            {t("terminals.code.step_enrol")}
            <Code block className={classes.command}>
              {ENROL}
            </Code>
          </List.Item>
          <List.Item>
            {t("terminals.code.step_start")}
            <Code block className={classes.command}>
              {START}
            </Code>
          </List.Item>
          <List.Item>
            <Text>{t("terminals.code.step_see")}</Text>
          </List.Item>
        </List>
      </SimpleGrid>
      <Group>
        <Button onClick={onDone}>{t("terminals.code.done")}</Button>
      </Group>
    </Section>
  );
}
