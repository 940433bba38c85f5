namespace RestKv.Checkers;

/// <summary>One broken promise with its evidence.</summary>
/// <param name="Rule">Number of the invariant (I11, I22, ...) as DESIGN.md lists them.</param>
/// <param name="Message">What was promised and what was seen, with the numbers.</param>
/// <param name="Operations">Ids of the operations that prove it; may be empty.</param>
public sealed record Violation(string Rule, string Message, IReadOnlyList<int> Operations)
{
    public Violation(string rule, string message, params ReadOnlySpan<int> operations)
        : this(rule, message, (IReadOnlyList<int>)operations.ToArray())
    {
    }

    public override string ToString() =>
        Operations.Count == 0 ? $"{Rule}: {Message}" : $"{Rule}: {Message} [operations {string.Join(", ", Operations)}]";
}
