namespace RestKv.Checkers.Search;

/// <summary>What an operation does to the key.</summary>
public enum KeyEffect
{
    None = 0,
    Put = 1,

    /// <summary>A put that keeps the value.</summary>
    Touch = 2,
    Delete = 3,
}

/// <summary>One way in which an operation may have acted on a key: when it fits, and what it leaves behind.</summary>
/// <param name="All">Every one of these held before.</param>
/// <param name="NotAll">At least one of these did not hold before; null when nothing of the kind is known.</param>
/// <param name="Value">Rank of the value written by a put.</param>
public sealed record KeyRule(IReadOnlyList<KeyCondition> All, IReadOnlyList<KeyCondition>? NotAll, KeyEffect Effect, int Value = 0)
{
    /// <summary>True when it may overwrite or remove what is there.</summary>
    public bool IsOverwrite => Effect is KeyEffect.Put or KeyEffect.Delete;

    /// <summary>The value that must have been there, or <see cref="KeyState.Anything"/>.</summary>
    public int RequiredValue
    {
        get
        {
            foreach (var condition in All)
            {
                if (condition is { IsValue: true, Operator: Core.Commands.CompareOperator.Equal })
                {
                    return (int)condition.Number;
                }
            }

            return KeyState.Anything;
        }
    }

    public override string ToString() =>
        $"{string.Join(',', All)}/{(NotAll is null ? "" : string.Join(',', NotAll))}/{Effect}/{Value}";

    public bool TryApply(KeyState before, out KeyState after)
    {
        after = before;
        foreach (var condition in All)
        {
            if (condition.Holds(before) == false)
            {
                return false;
            }
        }

        if (NotAll is not null && NotAll.All(condition => condition.Holds(before) == true))
        {
            return false;
        }

        after = Act(Refine(before));
        return true;
    }

    /// <summary>What the conditions tell about a state that was not fully known.</summary>
    private KeyState Refine(KeyState state)
    {
        if (state.Value >= 0 && state.Version > 0)
        {
            return state;
        }

        foreach (var condition in All)
        {
            if (condition.Operator == Core.Commands.CompareOperator.Equal)
            {
                state = condition switch
                {
                    { IsValue: true } => state with { Value = (int)condition.Number },
                    { Number: 0 } => KeyState.Missing,
                    _ => state with { Version = condition.Number },
                };
            }
        }

        return state;
    }

    private KeyState Act(KeyState state) => Effect switch
    {
        KeyEffect.Put => new KeyState(Value, NextVersion(state)),
        KeyEffect.Touch => state with { Version = NextVersion(state) },
        KeyEffect.Delete => KeyState.Missing,
        _ => state,
    };

    private static long NextVersion(KeyState state) =>
        state.Version == KeyState.UnknownVersion ? KeyState.UnknownVersion : state.Version + 1;
}
