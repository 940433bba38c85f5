using RestKv.Api.Errors;
using RestKv.Core.Commands;

namespace RestKv.Api.Tests.Errors;

/// <summary>Every way in which a write can fail has a problem, and only one of them leaves open whether it was applied.</summary>
public sealed class OutcomeMappingTests
{
    [Fact]
    public void Every_refusal_of_the_replica_is_a_problem_that_says_not_applied()
    {
        foreach (var reason in Enum.GetValues<NotAppliedReason>().Where(reason => reason != NotAppliedReason.None))
        {
            var problem = ResultMapping.ToProblem(new OperationResult.NotApplied(reason));

            Assert.NotNull(problem);
            Assert.False(problem.OutcomeUnknown || problem.OutcomeApplied, reason.ToString());
        }
    }

    [Fact]
    public void Every_refusal_of_the_machine_is_a_problem_that_says_not_applied()
    {
        foreach (var code in Enum.GetValues<RejectionCode>().Where(code => code != RejectionCode.None))
        {
            var problem = ResultMapping.ToProblem(new OperationResult.Rejected(5, new Rejection(code, 1)));

            Assert.NotNull(problem);
            Assert.False(problem.OutcomeUnknown || problem.OutcomeApplied, code.ToString());
        }
    }

    [Fact]
    public void What_nobody_knows_is_unknown() => Assert.True(ResultMapping.ToProblem(new OperationResult.Unknown())!.OutcomeUnknown);
}
