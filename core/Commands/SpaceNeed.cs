namespace RestKv.Core.Commands;

/// <summary>Which commands are refused while space is short. What frees space, or only keeps time, always goes.</summary>
public static class SpaceNeed
{
    public static bool Grows(Command command) => command switch
    {
        Command.Write write => Grows(write.Operation),
        Command.LeaseGrant => true,
        _ => false,
    };

    private static bool Grows(Operation operation) => operation switch
    {
        Operation.Put => true,
        Operation.Txn txn => txn.Then.Any(Grows) || txn.Else.Any(Grows),
        _ => false,
    };
}
