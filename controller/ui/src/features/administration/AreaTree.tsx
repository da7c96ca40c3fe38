import { Text, Tree, UnstyledButton, useTree } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { type KeyboardEvent, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Area } from "../../parts/areas";
import classes from "./administration.module.css";
import { pathTo, treeOf } from "./tree";

interface AreaTreeProps {
  areas: readonly Area[];
  chosen: string | null;
  onChoose: (id: string) => void;
}

/** Province, communes and hamlets; the way to the chosen one is open. */
export function AreaTree({ areas, chosen, onChoose }: AreaTreeProps) {
  const { t } = useTranslation();
  const byId = new Map(areas.map((area) => [area.id, area]));
  // The tree takes new data for a new tree.
  const data = useMemo(() => treeOf(areas), [areas]);
  const open = chosen === null ? areas.slice(0, 1) : pathTo(areas, chosen);
  const tree = useTree({
    initialExpandedState: Object.fromEntries(open.map((area) => [area.id, true])),
    selectedState: chosen === null ? [] : [chosen],
    onSelectedStateChange: ([id]) => choose(id),
  });

  function choose(id: string | undefined) {
    if (id === undefined) return;
    tree.expand(id);
    onChoose(id);
  }

  // Arrows are the tree's own; choosing by keyboard is not.
  function chooseByKey(event: KeyboardEvent<HTMLElement>) {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    const item = (event.target as HTMLElement).closest<HTMLElement>("[role=treeitem]");
    choose(item?.dataset.value);
  }

  return (
    <Tree
      tree={tree}
      data={data}
      levelOffset="lg"
      expandOnClick={false}
      expandOnSpace={false}
      selectOnClick
      allowRangeSelection={false}
      onKeyDown={chooseByKey}
      aria-label={t("administration.part.areas")}
      renderNode={({ node, expanded, hasChildren, elementProps }) => (
        <div {...elementProps} className={`${elementProps.className} ${classes.node}`}>
          {hasChildren ? (
            <UnstyledButton
              tabIndex={-1}
              className={classes.toggle}
              aria-label={t(expanded ? "administration.areas.close" : "administration.areas.open", {
                name: byId.get(node.value)?.name,
              })}
              onClick={(event) => {
                event.stopPropagation();
                tree.toggleExpanded(node.value);
              }}
            >
              <IconChevronRight
                size={22}
                aria-hidden="true"
                className={classes.chevron}
                data-open={expanded || undefined}
              />
            </UnstyledButton>
          ) : (
            <span className={classes.toggle} />
          )}
          <span>{node.label}</span>
          <Text span c="dimmed">
            {t("administration.areas.terminals", {
              number: byId.get(node.value)?.terminals ?? 0,
            })}
          </Text>
        </div>
      )}
    />
  );
}
