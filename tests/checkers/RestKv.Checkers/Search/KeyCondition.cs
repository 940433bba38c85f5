using RestKv.Core.Commands;

namespace RestKv.Checkers.Search;

/// <summary>A condition on a key's state: on its version, or on its value by rank.</summary>
public readonly record struct KeyCondition(bool IsValue, CompareOperator Operator, long Number)
{
    public static KeyCondition Exists => new(false, CompareOperator.Greater, 0);

    public static KeyCondition IsMissing => new(false, CompareOperator.Equal, 0);

    public static KeyCondition HasVersion(long version) => new(false, CompareOperator.Equal, version);

    public static KeyCondition HasValue(int rank) => new(true, CompareOperator.Equal, rank);

    /// <summary>True, false, or null when the state does not say.</summary>
    public bool? Holds(KeyState state)
    {
        if (!IsValue)
        {
            if (state.Version == KeyState.UnknownVersion)
            {
                return state.Value >= 0 && Number == 0 ? Operator is CompareOperator.Greater or CompareOperator.NotEqual : null;
            }

            return Agrees(state.Version.CompareTo(Number));
        }

        return state.Value switch
        {
            KeyState.Anything => null,
            KeyState.Absent => false,
            _ => Agrees(((long)state.Value).CompareTo(Number)),
        };
    }

    private bool Agrees(int order) => Operator switch
    {
        CompareOperator.Equal => order == 0,
        CompareOperator.NotEqual => order != 0,
        CompareOperator.Greater => order > 0,
        _ => order < 0,
    };
}
