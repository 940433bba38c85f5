using FluentValidation;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;

namespace RestKv.Api.Validation;

/// <summary>Some leases, not too many, each named by an id.</summary>
internal sealed class LeaseKeepAliveValidator : AbstractValidator<LeaseKeepAliveRequest>
{
    public LeaseKeepAliveValidator()
    {
        RuleFor(request => request.Ids)
            .Must(ids => ids is { Count: > 0 and <= HttpLimits.LeaseIdsMax })
            .OverridePropertyName("ids")
            .WithErrorCode(ProblemCatalog.Validation.Code)
            .WithMessage($"ids has 1 to {HttpLimits.LeaseIdsMax} lease ids");
        RuleForEach(request => request.Ids)
            .Must(id => LeaseText.TryParse(id, out _))
            .OverridePropertyName("ids")
            .WithErrorCode(ProblemCatalog.Validation.Code)
            .WithMessage("a lease id is 1 to 16 hexadecimal digits, not all zero");
    }
}
