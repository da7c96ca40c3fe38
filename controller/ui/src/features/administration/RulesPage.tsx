import { Alert, Select, SimpleGrid, Skeleton, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useSession } from "../../app/session";
import { areaChoices, useAreas } from "../../parts/areas";
import { Refused } from "../../parts/Refused";
import { Section } from "../../parts/Section";
import { usePolicy } from "./queries";
import { RulesForm } from "./RulesForm";
import { RulesText } from "./RulesText";

/** Quiet hours and limits of a province or commune; they can only be stricter than above. */
export default function RulesPage() {
  const { t } = useTranslation();
  const own = useSession().account.area_id;
  const [query, setQuery] = useSearchParams();
  const areas = useAreas();
  const area = query.get("area") ?? own;
  const choices = (areas.data ?? []).filter((item) => item.level !== "hamlet");
  return (
    <Stack gap="lg">
      <Select
        label={t("administration.rules.area")}
        data={areaChoices(choices)}
        value={area}
        onChange={(value) => value !== null && setQuery({ area: value }, { replace: true })}
        allowDeselect={false}
        searchable
        maw={480}
      />
      <Rules key={area} area={area} />
    </Stack>
  );
}

function Rules({ area }: { area: string }) {
  const { t } = useTranslation();
  const policy = usePolicy(area);
  if (policy.isPending) return <Skeleton height={320} aria-label={t("administration.loading")} />;
  if (policy.isError) return <Refused error={policy.error} />;
  const { inherited, effective, own } = policy.data;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <RulesForm key={JSON.stringify(own)} view={policy.data} />
      <Stack gap="lg">
        <Section title={t("administration.rules.effective")}>
          <RulesText rules={effective} />
        </Section>
        {inherited.length > 0 && (
          <Section title={t("administration.rules.inherited")}>
            <Text c="dimmed">{t("administration.rules.inherited_hint")}</Text>
            {inherited.map((rules) => (
              <RulesText key={JSON.stringify(rules)} rules={rules} />
            ))}
          </Section>
        )}
        <Alert color="gray">{t("administration.rules.twice")}</Alert>
      </Stack>
    </SimpleGrid>
  );
}
