package dev.coracle.apiserver.customresource.rule;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import dev.coracle.apiserver.customresource.rule.FunctionTable.Argument;
import java.util.List;

/** Types that several functions take. */
final class Arguments {

    static final CelType ITEM = TypeParamType.create("T");
    static final CelType TEXTS = ListType.create(SimpleType.STRING);

    static final Argument<String> TEXT = new Argument<>(SimpleType.STRING, String.class);
    static final Argument<Long> INT = new Argument<>(SimpleType.INT, Long.class);
    static final Argument<Object> ANY_ITEM = new Argument<>(ITEM, Object.class);

    @SuppressWarnings("rawtypes")
    static final Argument<List> LIST = new Argument<>(ListType.create(ITEM), List.class);

    private Arguments() {}
}
