import { Button, Group, SimpleGrid, Skeleton, Stack, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowLeft } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useAreas } from "../../parts/areas";
import { Refused } from "../../parts/Refused";
import { AreaDetails } from "./AreaDetails";
import { AreaTree } from "./AreaTree";

/** The area tree and, beside it (on a phone instead of it), the chosen area. */
export default function AreasPage() {
  const { t } = useTranslation();
  const wide = useMediaQuery("(min-width: 62em)", true, { getInitialValueInEffect: false });
  const [query, setQuery] = useSearchParams();
  const areas = useAreas();
  if (areas.isPending) return <Skeleton height={320} aria-label={t("administration.loading")} />;
  if (areas.isError) return <Refused error={areas.error} />;
  const asked = areas.data.find((area) => area.id === query.get("area"));
  const chosen = asked ?? (wide ? areas.data[0] : undefined);
  const choose = (id: string) => setQuery({ area: id });
  const tree = <AreaTree areas={areas.data} chosen={chosen?.id ?? null} onChoose={choose} />;
  if (chosen === undefined)
    return (
      <Stack>
        <Text>{t("administration.areas.choose")}</Text>
        {tree}
      </Stack>
    );
  const details = <AreaDetails key={chosen.id} area={chosen} areas={areas.data} />;
  if (wide)
    return (
      <SimpleGrid cols={2} spacing="lg">
        {tree}
        {details}
      </SimpleGrid>
    );
  return (
    <Stack>
      <Group>
        <Button
          variant="default"
          leftSection={<IconArrowLeft size={20} aria-hidden="true" />}
          onClick={() => setQuery({})}
        >
          {t("administration.areas.all")}
        </Button>
      </Group>
      {details}
    </Stack>
  );
}
